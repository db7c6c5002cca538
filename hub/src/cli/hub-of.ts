// Which hub the command line talks to, and with which key: options first, else this machine's own configuration.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import WebSocket from 'ws'
import { createRequest, hubUrl, type Request } from '../client/http.ts'
import { connect, type HubClient } from '../client/index.ts'
import { type Config, readConfig } from '../config.ts'
import { CliError, exit } from './exit.ts'

/** The options of the program, which every command has. */
export interface CommonOptions {
  readonly url?: string
  readonly key?: string
  readonly keyFile?: string
  readonly json?: boolean
}

/** CliError `usage` when neither options nor configuration say enough. */
export async function requestOf(command: Command): Promise<Request> {
  const { url, key } = await whereOf(command.optsWithGlobals<CommonOptions>())
  return createRequest(url, key)
}

/** A live connection; the caller closes it. */
export async function clientOf(command: Command): Promise<HubClient> {
  const { url, key } = await whereOf(command.optsWithGlobals<CommonOptions>())
  return connect(url, { key, WebSocket })
}

export function isJson(command: Command): boolean {
  return command.optsWithGlobals<CommonOptions>().json === true
}

async function whereOf(options: CommonOptions): Promise<{ url: string; key: string }> {
  const url = urlOf(options)
  if (options.key !== undefined) return { url, key: options.key }
  const file = options.keyFile ?? join(configured().dataDir, 'keys', 'admin.key')
  const key = await readFile(file, 'utf8').catch((error: Error) => {
    const words =
      options.keyFile === undefined
        ? 'No key: give --key or --key-file, or run this where the hub has its data directory.'
        : 'The key cannot be read.'
    throw new CliError(exit.usage, `${words}\n  ${error.message}`)
  })
  return { url, key: key.trim() }
}

function urlOf({ url }: CommonOptions): string {
  if (url === undefined) {
    const { host, port } = configured()
    return `http://${reachable(host)}:${port}`
  }
  try {
    return hubUrl(url)
  } catch (error) {
    throw new CliError(exit.usage, `--url ${url}: ${(error as Error).message}`)
  }
}

/** Listening on every address is not an address to talk to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function configured(): Config {
  try {
    return readConfig()
  } catch (error) {
    throw new CliError(exit.usage, (error as Error).message)
  }
}

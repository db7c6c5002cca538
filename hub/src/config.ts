// Environment → frozen Config; every problem is reported at once, or the process does not start.

import { readFileSync } from 'node:fs'
import * as z from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const bytes = z.coerce.number().int().min(1_048_576)

/** What the environment may say. Names without the prefix `TELEHUB_`. */
const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(8080),
  HOSTS: z.string().default(''),
  DATA_DIR: z.string().min(1).default('./data'),
  ORIGINS: z.string().default(''),
  MQTT_PORT: port.default(1883),
  MQTT_URL: z.url({ protocol: /^(mqtts?|wss?)$/, error: 'is a URL like mqtt://user:password@broker:1883' }).optional(),
  STORE: z.enum(['embedded', 'influx']).optional(),
  INFLUX_URL: z.url({ protocol: /^https?$/, error: 'is a URL like http://127.0.0.1:8086' }).optional(),
  INFLUX_TOKEN: z.string().optional(),
  INFLUX_ORG: z.string().optional(),
  INFLUX_BUCKET: z.string().min(1).default('telehub'),
  INFLUX_DATABASE: z.string().min(1).optional(),
  INFLUX_USERNAME: z.string().optional(),
  INFLUX_PASSWORD: z.string().optional(),
  JOURNAL_MAX_BYTES: bytes.default(10 * 1024 ** 3),
  RETENTION_DAYS: z.coerce.number().min(1).max(36_500).default(30),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

const prefix = 'TELEHUB_'
/** Variables of the other programs here; the hub leaves them alone. */
const ofOthers = ['TELEHUB_KEY', 'TELEHUB_KEY_FILE']
const known = Object.keys(Environment.shape).map((name) => prefix + name)

export type Config = ReturnType<typeof readConfig>

/**
 * `TELEHUB_X_FILE` names a file that has the value of `TELEHUB_X`. Throws an Error that lists all problems: values that
 * do not fit, names nobody knows (with the nearest known one), settings that need each other.
 */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const problems: string[] = []
  const given = collect(env, problems)
  const parsed = Environment.safeParse(given)
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) problems.push(`${prefix}${path.join('.')}: ${message}`)
  const values = parsed.data
  if (values?.STORE === 'influx' && !values.INFLUX_URL)
    problems.push(`${prefix}STORE=influx needs ${prefix}INFLUX_URL.`)
  if (values?.STORE === 'embedded' && values.INFLUX_URL)
    problems.push(`${prefix}INFLUX_URL is set, but ${prefix}STORE is embedded; leave one out.`)
  if (!values || problems.length > 0)
    throw new Error(`The hub is not configured:\n${problems.map((line) => `  ${line}`).join('\n')}`)
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    hosts: words(values.HOSTS),
    dataDir: values.DATA_DIR,
    origins: values.ORIGINS,
    mqttPort: values.MQTT_PORT,
    mqttUrl: values.MQTT_URL,
    influx: values.INFLUX_URL === undefined ? undefined : Object.freeze(influxOf(values, values.INFLUX_URL)),
    journalMaxBytes: values.JOURNAL_MAX_BYTES,
    retentionMs: values.RETENTION_DAYS * 86_400_000,
    logLevel: values.LOG_LEVEL,
  })
}

function influxOf(values: z.infer<typeof Environment>, url: string) {
  return {
    url,
    token: values.INFLUX_TOKEN,
    org: values.INFLUX_ORG,
    bucket: values.INFLUX_BUCKET,
    database: values.INFLUX_DATABASE,
    username: values.INFLUX_USERNAME,
    password: values.INFLUX_PASSWORD,
  }
}

/** The variables with our prefix; empty ones count as not set, as compose files write them. */
function collect(env: Record<string, string | undefined>, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || ofOthers.includes(name) || value === undefined || value === '') continue
    const target = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name
    if (!known.includes(target)) {
      problems.push(`${name} is not known; did you mean ${nearest(target)}?`)
      continue
    }
    const text = target === name ? value : contentOf(name, value, problems)
    if (text !== undefined) given[target.slice(prefix.length)] = text
  }
  return given
}

function contentOf(name: string, file: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`)
  }
}

function words(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => word !== '')
}

function nearest(name: string): string {
  return (
    known.map((candidate) => ({ candidate, away: distance(name, candidate) })).sort((a, b) => a.away - b.away)[0]
      ?.candidate ?? ''
  )
}

/** Levenshtein's: how many letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}

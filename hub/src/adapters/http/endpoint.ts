// What one route is: its path, who may use it, what goes in and out, and what it does. Express and OpenAPI are both made from it.

import type * as z from 'zod/mini'
import type { Action } from '../../core/access/grants.ts'
import type { Caller } from '../../core/access/keys.ts'
import type { Actor, Role } from '../../protocol/index.ts'

export type Schema<T = unknown> = z.ZodMiniType<T>
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** A request that passed host, origin, key and schemas. */
export interface OpenCall<Query = unknown, Body = unknown> {
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  /** Path and query as sent. */
  readonly url: string
  /** Origin of the page that asks, undefined for a program. */
  readonly origin: string | undefined
  /** What the page may do at most. */
  readonly grant: Role | undefined
  header(name: string): string | undefined
}
export interface Call<Query = unknown, Body = unknown> extends OpenCall<Query, Body> {
  readonly caller: Caller
  /** The caller as it is written into commands. */
  readonly by: Actor
}

type Chunk = string | Uint8Array

/** One of `body` (sent as JSON), `text` (streamed as it comes) and `file`, or nothing. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly text?: { readonly type: string; readonly chunks: Iterable<Chunk> | AsyncIterable<Chunk> }
  readonly file?: { readonly type: string; readonly path: string }
  /** For the audit: what was acted on, where the path does not say it. */
  readonly target?: string
}

type AnswerSchema =
  | Schema
  | 'text/csv'
  | 'application/vnd.apache.parquet'
  | 'text/plain'
  | 'text/javascript'
  | 'application/json'
  | 'nothing'

interface Common<Query, Body> {
  readonly method: Method
  /** With parameters as in OpenAPI: `/api/v1/devices/{id}`. */
  readonly path: string
  readonly summary: string
  readonly query?: Schema<Query>
  readonly body?: Schema<Body>
  /** Request headers it looks at, beyond the usual ones, each with what it is for. */
  readonly headers?: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<number, AnswerSchema | readonly AnswerSchema[]>>
}
interface Guarded<Query, Body> extends Common<Query, Body> {
  readonly may: Action
  /** The name under which a write is kept in the audit, refused attempts included. */
  readonly audit?: string
  handle(call: Call<Query, Body>): Promise<Answer>
}
interface Open<Query, Body> extends Common<Query, Body> {
  readonly may: 'anyone'
  handle(call: OpenCall<Query, Body>): Promise<Answer>
}

export type GuardedEndpoint = Guarded<unknown, unknown>
export type OpenEndpoint = Open<unknown, unknown>
export type Endpoint = GuardedEndpoint | OpenEndpoint

/** A route for callers with a key whose kind and origin allow `may`. */
export function endpoint<Query = undefined, Body = undefined>(definition: Guarded<Query, Body>): Endpoint {
  // The mount decodes query and body by the definition's own schemas, so the handler gets what it names.
  return definition as GuardedEndpoint
}

/** A route for anyone. */
export function openEndpoint<Query = undefined>(definition: Open<Query, undefined>): Endpoint {
  return definition as OpenEndpoint
}

// Commands with their whole life: the columns they are found by, and the rest as it is.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { HubError } from '../../core/errors.ts'
import type { CommandFilter, Records } from '../../core/ports.ts'
import type { Command } from '../../protocol/index.ts'
import { keptRows } from './schema.ts'
import type { Statement } from './statements.ts'
import { orNull, prepare } from './statements.ts'
import type { Transactions } from './transactions.ts'

/** SQLITE_CONSTRAINT_UNIQUE */
const notUnique = 2067

/** The oldest are pruned once in so many new ones. */
const pruneEvery = 1_000

/** Each part of a filter as SQL; only these texts are ever joined, values are bound. */
const conditions = {
  device: 'device = ?',
  state: 'state = ?',
  name: 'name = ?',
  actor: 'actor = ?',
  from: 'at >= ?',
  to: 'at < ?',
  before: 'id < ?',
} as const satisfies Record<Exclude<keyof CommandFilter, 'limit'>, string>

type Row = { body: string }

const open = `state IN ('queued', 'sent', 'delivered', 'running')`

export function createCommands(db: DatabaseSyncInstance, transactions: Transactions): Records['commands'] {
  const save = prepare<{ number: number }>(
    db,
    `INSERT INTO commands (id, device, name, state, at, actor, idempotency_key, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body
     RETURNING number`,
  )
  const prune = prepare(db, `DELETE FROM commands WHERE number <= ? AND NOT ${open}`)
  const find = prepare<Row>(db, 'SELECT body FROM commands WHERE id = ?')
  const findIdempotent = prepare<Row>(db, 'SELECT body FROM commands WHERE actor = ? AND idempotency_key = ?')
  const unended = prepare<Row>(db, `SELECT body FROM commands WHERE ${open} ORDER BY id`)
  // One for each combination of conditions that was asked for, at most 128.
  const lists = new Map<string, Statement<Row>>()

  function write(command: Command): void {
    const { id, device, name, state, at, by, idempotencyKey } = command
    const saved = save.get(id, device, name, state, at, by.key, orNull(idempotencyKey), JSON.stringify(command))
    if (saved && saved.number % pruneEvery === 0) prune.run(saved.number - keptRows.commands)
  }

  function listing(where: readonly string[]): Statement<Row> {
    const sql = `SELECT body FROM commands ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY id DESC LIMIT ?`
    const statement = lists.get(sql) ?? prepare<Row>(db, sql)
    lists.set(sql, statement)
    return statement
  }

  return {
    async save(command) {
      try {
        await transactions.run(() => write(command))
      } catch (error) {
        if (!(error instanceof Error && 'errcode' in error && error.errcode === notUnique)) throw error
        throw new HubError('idempotency-conflict', 'This idempotency key belongs to another command.', { cause: error })
      }
    },
    async find(id) {
      return commandOf(find.get(id))
    },
    async findIdempotent(actor, idempotencyKey) {
      return commandOf(findIdempotent.get(actor, idempotencyKey))
    },
    async list({ limit, ...filter }) {
      const asked = Object.entries(conditions).flatMap(([part, sql]) => {
        const value = filter[part as keyof typeof conditions]
        return value === undefined ? [] : [{ sql, value }]
      })
      const rows = listing(asked.map(({ sql }) => sql)).all(...asked.map(({ value }) => value), limit)
      return rows.map(({ body }): Command => JSON.parse(body))
    },
    async open() {
      return unended.all().map(({ body }): Command => JSON.parse(body))
    },
  }
}

function commandOf(row: Row | undefined): Command | undefined {
  return row && JSON.parse(row.body)
}

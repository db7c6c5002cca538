// The tables of the records, made and changed in numbered steps; the database knows how many it has seen.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'

/** Most that is kept; past it the oldest goes. A command that has not ended stays. */
export const keptRows = { audit: 1_000_000, commands: 1_000_000, gaps: 500_000 } as const

/** A step that was released is never changed; a change is another step at the end. */
const steps: readonly string[] = [
  `
  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    device TEXT,
    hash TEXT NOT NULL,
    created_at REAL NOT NULL,
    last_used_at REAL,
    expires_at REAL,
    revoked_at REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE origins (
    origin TEXT PRIMARY KEY,
    grant_role TEXT,
    added_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE commands (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    at REAL NOT NULL,
    actor TEXT NOT NULL,
    idempotency_key TEXT,
    body TEXT NOT NULL,
    UNIQUE (actor, idempotency_key)
  ) STRICT;
  CREATE INDEX commands_of_device ON commands (device, id);
  CREATE INDEX commands_open ON commands (id) WHERE state IN ('queued', 'sent', 'delivered', 'running');

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    actor TEXT,
    origin TEXT,
    action TEXT NOT NULL,
    target TEXT,
    result TEXT NOT NULL,
    detail TEXT
  ) STRICT;
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
  END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    WHEN OLD.id > (SELECT max(id) FROM audit) - ${keptRows.audit} BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
  END;
  `,
  // The hub's own life and the gaps in everyone's readings. A gap without a device is of all; one without an end goes on.
  `
  CREATE TABLE life (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    alive_at REAL NOT NULL
  ) STRICT;

  CREATE TABLE gaps (
    number INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    reason TEXT NOT NULL,
    from_at REAL NOT NULL,
    to_at REAL,
    UNIQUE (device, from_at, reason)
  ) STRICT;
  CREATE INDEX gaps_open ON gaps (device) WHERE to_at IS NULL;
  `,
]

/** Brings the database up to date, each step whole or not at all. Throws when a newer hub has already changed it. */
export function migrate(db: DatabaseSyncInstance, file: string): void {
  const seen = Number(db.prepare('PRAGMA user_version').get().user_version)
  if (seen > steps.length) {
    throw new Error(
      `${file} has schema ${seen}, this hub knows schema ${steps.length}. Start the version of Telehub that wrote it.`,
    )
  }
  for (const [i, step] of steps.entries()) {
    if (i < seen) continue
    db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${i + 1}; COMMIT`)
  }
}

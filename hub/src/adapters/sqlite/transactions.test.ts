// Writes of one turn share a transaction: each is undone alone, all are refused together, none is promised early.

import { DatabaseSync } from '@photostructure/sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { createTransactions } from './transactions.ts'

function createStand() {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE t (n INTEGER UNIQUE)')
  onTestFinished(() => db.close())
  const insert = db.prepare('INSERT INTO t VALUES (?)')
  return {
    db,
    transactions: createTransactions(db),
    add: (n: number) => () => void insert.run(n),
    numbers: () =>
      db
        .prepare('SELECT n FROM t ORDER BY n')
        .all()
        .map((row) => row.n),
  }
}

it('undoes all of a write that fails half-way, and nothing of the others', async () => {
  const { transactions, add, numbers } = createStand()

  const answers = await Promise.allSettled([
    transactions.run(add(1)),
    transactions.run(() => {
      add(2)()
      add(1)()
    }),
    transactions.run(add(3)),
  ])

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(numbers()).toEqual([1, 3])
})

it('says that the disk is full, and works again when there is room', async () => {
  const { db, transactions, add, numbers } = createStand()
  db.exec('CREATE TABLE big (b BLOB); PRAGMA max_page_count = 10')
  const fill = db.prepare('INSERT INTO big VALUES (zeroblob(1000000))')

  await expect(transactions.run(() => void fill.run())).rejects.toMatchObject({ code: 'overloaded' })
  await transactions.run(add(2))

  expect(numbers()).toEqual([2])
})

it('keeps and promises nothing of a transaction that cannot be committed', async () => {
  const { db, transactions, add, numbers } = createStand()
  db.exec('PRAGMA foreign_keys = ON; CREATE TABLE child (n REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED)')
  const orphan = db.prepare('INSERT INTO child VALUES (99)')

  const answers = await Promise.allSettled([transactions.run(add(1)), transactions.run(() => void orphan.run())])
  await transactions.run(add(2))

  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(numbers()).toEqual([2])
})

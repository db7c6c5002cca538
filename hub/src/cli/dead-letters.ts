// `telehub dead-letters`: readings that the store refuses, seen, taken out as a copy, and tried again.

import type { Command } from 'commander'
import type { Request } from '../client/http.ts'
import type { DeadLetter, DeadLetterList, RetryAnswer } from '../protocol/index.ts'
import { exit } from './exit.ts'
import { type CommonOptions, isJson, requestOf } from './hub-of.ts'
import type { Group } from './run.ts'
import { timeText } from './terminal.ts'

const shown = 100
const pageSize = 1_000

export const deadLetterCommands: Group = (program, { action, terminal }) => {
  const group = program.command('dead-letters').description('Readings that the store refuses.')

  group
    .command('list')
    .description(`The first ${shown}, each with the words of the store.`)
    .action(
      action(async (_: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const { deadLetters, total } = await request<DeadLetterList>('GET', `/dead-letters?limit=${shown}`)
        if (isJson(command)) return terminal.json(deadLetters)
        const headings = ['ID', 'DEVICE', 'METRIC', 'AT', 'VALUE', 'REASON']
        terminal.table(headings, deadLetters.map(rowOf), 'There are no dead letters.')
        if (total > deadLetters.length) terminal.note(`${total} in all; telehub dead-letters export has them all.`)
      }),
    )

  group
    .command('export')
    .description('All of them as NDJSON on stdout. They stay.')
    .action(
      action(async (_: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        for await (const letter of all(request)) terminal.json(letter)
      }),
    )

  group
    .command('retry [ids...]')
    .description('Write them to the store again, or all. Exit 1 when it still refuses some.')
    .action(
      action(async (ids: string[], _: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const body = ids.length > 0 ? { ids } : {}
        const result = await request<RetryAnswer>('POST', '/dead-letters/retry', body)
        if (isJson(command)) terminal.json(result)
        else terminal.note(`${result.stored} stored, ${result.refused} refused again.`)
        return result.refused === 0 ? exit.ok : exit.failed
      }),
    )
}

async function* all(request: Request): AsyncGenerator<DeadLetter> {
  let cursor: string | undefined
  do {
    const from = cursor === undefined ? '' : `&cursor=${cursor}`
    const page = await request<DeadLetterList>('GET', `/dead-letters?limit=${pageSize}${from}`)
    yield* page.deadLetters
    cursor = page.next
  } while (cursor !== undefined)
}

function rowOf({ id, device, metric, at, value, reason }: DeadLetter): unknown[] {
  return [id, device, metric, timeText(at), value, reason]
}

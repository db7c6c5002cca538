// History as CSV: quoted where it must be, in chunks.

import { expect, it } from 'vitest'
import type { ReadingsPage } from '../../core/ports.ts'
import { csvOfHistories, csvOfReadings } from './csv.ts'

const empty = { device: 'a', from: 0, to: 9, gaps: [] }

async function* pages(...all: ReadingsPage[]) {
  yield* all
}

it('has a line for each reading, with quotes where a comma, a quote or a line break asks for them', async () => {
  const page: ReadingsPage = {
    device: 'a',
    metric: 'note',
    type: 'string',
    at: [0, 5],
    value: ['say "hi",\nthen go', 'x'],
  }
  const chunks = []
  for await (const chunk of csvOfReadings(pages(page, { ...page, type: 'number', at: [9], value: [1.5] })))
    chunks.push(chunk)
  expect(chunks).toEqual([
    'device,metric,at,time,value\r\n',
    'a,note,0,1970-01-01T00:00:00.000Z,"say ""hi"",\nthen go"\r\na,note,5,1970-01-01T00:00:00.005Z,x\r\n',
    'a,note,9,1970-01-01T00:00:00.009Z,1.5\r\n',
  ])
})

it('has a line for each bucket, and for each reading where there are few', () => {
  const buckets = { min: [1, 2], max: [3, 4], mean: [2, 3], count: [2, 2], first: [1, 2], last: [3, 4] }
  const series = {
    on: { tier: 'raw' as const, type: 'boolean' as const, at: [0], value: [true] },
    t: { tier: 'buckets' as const, type: 'number' as const, bucketMs: 5, at: [0, 5], ...buckets },
  }
  expect([...csvOfHistories([{ ...empty, series }])].join('').split('\r\n')).toEqual([
    'device,metric,at,time,value,min,max,mean,count,first',
    'a,on,0,1970-01-01T00:00:00.000Z,true,,,,,',
    'a,t,0,1970-01-01T00:00:00.000Z,3,1,3,2,2,1',
    'a,t,5,1970-01-01T00:00:00.005Z,4,2,4,3,2,2',
    '',
  ])
})

it('comes in chunks, so that a long answer needs little memory', () => {
  const at = Array.from({ length: 1_200 }, (_, i) => i)
  const chunks = [...csvOfHistories([{ ...empty, series: { t: { tier: 'raw', type: 'number', at, value: at } } }])]
  expect(chunks).toHaveLength(4)
  expect(chunks.join('').split('\r\n')).toHaveLength(1_202)
})

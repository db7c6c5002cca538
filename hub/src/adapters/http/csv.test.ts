// History as CSV: quoted where it must be, in chunks.

import { expect, it } from 'vitest'
import { csvOf } from './csv.ts'

const head = 'metric,at,time,value,min,max,mean,count\r\n'

it('has a line for each reading and bucket, with quotes where a comma, a quote or a line break asks for them', () => {
  const text = [
    ...csvOf({
      device: 'a',
      from: 0,
      to: 9,
      gaps: [],
      series: {
        note: { tier: 'raw', type: 'string', at: [0], value: ['say "hi",\nthen go'] },
        t: {
          tier: 'buckets',
          type: 'number',
          bucketMs: 5,
          at: [0, 5],
          min: [1, 2],
          max: [3, 4],
          mean: [2, 3],
          count: [2, 2],
          last: [3, 4],
        },
      },
    }),
  ].join('')
  expect(text).toBe(
    `${head}note,0,1970-01-01T00:00:00.000Z,"say ""hi"",\nthen go",,,,\r\nt,0,1970-01-01T00:00:00.000Z,3,1,3,2,2\r\nt,5,1970-01-01T00:00:00.005Z,4,2,4,3,2\r\n`,
  )
})

it('comes in chunks, so that a long answer needs little memory', () => {
  const at = Array.from({ length: 1_200 }, (_, i) => i)
  const chunks = [
    ...csvOf({ device: 'a', from: 0, to: 1, gaps: [], series: { t: { tier: 'raw', type: 'number', at, value: at } } }),
  ]
  expect(chunks).toHaveLength(4)
  expect(chunks.join('').split('\r\n')).toHaveLength(1_202)
})

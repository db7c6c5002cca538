// What the order of system calls must be, shown on traces of a few lines.

import { expect, it } from 'vitest'
import { earlyAcks } from './system-calls.ts'

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex').replace(/../g, '\\x$&')
const write = (mark: string) => `10 pwrite64(5</d/1.segment>, "${hex(`..${mark}..`)}", 9, 64) = 9`
const ack = (mark: string) => `10 write(7<socket:[1]>, "${hex(`ack ${mark}`)}", 6) = 6`
const sync = '11 fdatasync(5</d/1.segment>) = 0'
const syncBegins = '11 fdatasync(5</d/1.segment> <unfinished ...>'
const syncEnds = '11 <... fdatasync resumed>) = 0'

const check = (...lines: string[]) =>
  earlyAcks(lines.join('\n'), (bytes) => [...bytes.matchAll(/ack (m\d)/g)].map(([, mark = '']) => mark))

it('is content with write, sync, acknowledgement', () => {
  expect(check(write('m1'), sync, ack('m1'))).toEqual({ early: [], seen: 1 })
})

it('is content with one sync for many', () => {
  expect(check(write('m1'), write('m2'), syncBegins, syncEnds, ack('m1'), ack('m2'))).toEqual({ early: [], seen: 2 })
})

it.each([
  ['without a sync', [write('m1'), ack('m1')]],
  ['before the sync', [write('m1'), ack('m1'), sync]],
  ['while the sync is running', [write('m1'), syncBegins, ack('m1'), syncEnds]],
  ['after a sync that began before the write', [syncBegins, write('m1'), syncEnds, ack('m1')]],
  ['after a sync of another file', [write('m1'), sync.replace('1.seg', '2.seg'), ack('m1')]],
  ['of what was never written', [sync, ack('m1')]],
])('finds an acknowledgement %s', (_words, lines) => {
  expect(check(...lines)).toEqual({ early: ['m1'], seen: 1 })
})

// Devices that report without pause and send again what was not acknowledged, until they are told to stop.

import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { History, Reading, Via } from '../history.ts'
import type { Message, OpenSender, Sender } from './sender.ts'

export interface LoadPlan {
  readonly device: string
  readonly via: Via
  readonly open: OpenSender
  /** Messages under way at a time. */
  readonly lanes?: number
  /** Of one message; random up to this. */
  readonly rows?: number
  /** Each lane waits this long after an acknowledgement. */
  readonly paceMs?: number
  /** Device time of its first reading; a day ago where missing. */
  readonly firstAt?: number
  /** Every row has a text this long, to fill a disk with few messages. */
  readonly textBytes?: number
}

export interface Load {
  /** No new messages; resolves once all that were begun are acknowledged. */
  stop(withinMs?: number): Promise<void>
  /** Ends at once; what is under way stays without an answer. */
  abandon(): void
}

const againAfterMs = 25
/** Rows of a device are this far apart, and each message has room for ten of them. */
const rowMs = 1
const messageMs = 10

/** Two metrics a row, a number and now and then a text, at times that no other message of the device has. */
export function startLoad(plans: readonly LoadPlan[], { history, random }: { history: History; random: () => number }) {
  const loads = plans.map((plan) => startDevice(plan, { history, random }))
  return {
    async stop(withinMs = 30_000) {
      await Promise.all(loads.map((load) => load.stop(withinMs)))
    },
    abandon() {
      for (const load of loads) load.abandon()
    },
  }
}

function startDevice(plan: LoadPlan, { history, random }: { history: History; random: () => number }): Load {
  const { device, via, open, lanes = 8, rows = 5, paceMs = 2, textBytes = 0, firstAt = Date.now() - 86_400_000 } = plan
  const stream = randomUUID()
  let seq = 0
  let stopping = false
  let abandoned = false
  let current: Promise<Sender> | undefined

  function nextMessage(): Message {
    const own = seq++
    const readings: Reading[] = []
    const count = 1 + Math.floor(random() * rows)
    for (let row = 0; row < count; row++) {
      const at = firstAt + own * messageMs + row * rowMs
      readings.push({ device, metric: 'n', at, value: Math.round(random() * 1e9) / 1e3 })
      const word = `w${own}-${row}`.padEnd(textBytes, 'x')
      if (textBytes > 0 || random() < 0.1) readings.push({ device, metric: 'word', at, value: word })
    }
    return { device, seq: own, readings }
  }

  async function deliver(message: Message) {
    const { readings } = message
    const line = { via, seq: message.seq, readings }
    while (!abandoned) {
      current ??= open({ device, stream })
      const mine = current
      try {
        const sender = await mine
        history.add({ event: 'send', ...line })
        const answer = await sender.send(message)
        if (answer === 'ack') return history.add({ event: 'ack', ...line })
        history.add({ event: 'nack', code: answer.refused, ...line })
      } catch {
        // One lane sees it first; the others find the next connection already being opened.
        if (current === mine) current = undefined
        mine.then(
          (sender) => sender.close(),
          () => {},
        )
      }
      await wait(againAfterMs)
    }
  }

  async function runLane() {
    while (!stopping && !abandoned) {
      await deliver(nextMessage())
      if (paceMs > 0) await wait(paceMs)
    }
  }

  const running = Promise.all(Array.from({ length: lanes }, runLane))
  async function close() {
    const sender = await current?.catch(() => undefined)
    sender?.close()
  }

  return {
    async stop(withinMs = 30_000) {
      stopping = true
      let tooLate = false
      const late = setTimeout(() => {
        tooLate = abandoned = true
      }, withinMs)
      await running
      clearTimeout(late)
      await close()
      if (tooLate) throw new Error(`${device} was not acknowledged everything within ${withinMs} ms`)
    },
    abandon() {
      abandoned = true
      close()
    },
  }
}

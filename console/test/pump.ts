// A device for stories, over its own WebSocket: reports when told to, and does what it is asked.

import type { DeviceCommand, Profile } from '@telehub/hub/protocol'
import type { TestHub } from '../../hub/test/running-hub.ts'
import { openDevice } from '../../hub/test/wire-socket.ts'

const profile: Profile = {
  type: 'pump',
  name: 'Cellar pump',
  firmware: '1.4.2',
  reportEveryMs: 1_000,
  tags: ['hall-2'],
  metrics: {
    temperature: { type: 'number', unit: '°C', precision: 1, primary: true },
    rpm: { type: 'number', unit: 'rpm', precision: 0 },
    running: { type: 'boolean' },
    mode: { type: 'string' },
  },
  commands: {
    set_speed: {
      title: 'Set speed',
      timeoutMs: 10_000,
      params: {
        type: 'object',
        required: ['rpm'],
        properties: { rpm: { type: 'integer', minimum: 0, maximum: 3000, unit: 'rpm' } },
      },
    },
    reboot: { title: 'Reboot', description: 'Stops the pump and starts it anew.', dangerous: true },
  },
}

export interface Pump {
  /** Resolves when the hub has it on disk. */
  report(values: Record<string, number | boolean | string>): Promise<void>
  /** A time already past: 500 readings, 2 s apart, with a hole of 100 s in them. */
  reportThePast(): Promise<void>
  /** Waits for a command, says it is running, then that it succeeded. */
  obey(): Promise<DeviceCommand>
  leave(): void
}

export async function startPump(hub: TestHub, id = 'pump-1'): Promise<Pump> {
  const wire = await openDevice(hub.url, hub.key('gateway'), id, { profile, stream: `s-${Date.now()}` })
  let seq = 0

  async function send(readings: unknown[]): Promise<void> {
    const mine = ++seq
    wire.send({ type: 'readings', seq: mine, readings })
    await wire.next<{ type: string; seq: number }>('ack', (ack) => ack.seq === mine)
  }

  return {
    report: (values) => send([{ values }]),
    async reportThePast() {
      // Four values each: a message may hold a thousand.
      const past = pastReadings(Date.now())
      for (let i = 0; i < past.length; i += 200) await send(past.slice(i, i + 200))
    },
    async obey() {
      const command = await wire.next<DeviceCommand>('command')
      wire.send({ type: 'reply', id: command.id, state: 'running', progress: 0.5 })
      wire.send({ type: 'reply', id: command.id, state: 'succeeded', result: { applied: command.params.rpm ?? true } })
      return command
    },
    leave: () => wire.close(),
  }
}

function pastReadings(now: number) {
  return Array.from({ length: 500 }, (_, i) => ({ i, at: now - (500 - i) * 2_000 }))
    .filter(({ i }) => i < 250 || i >= 300)
    .map(({ i, at }) => {
      const running = Math.floor(i / 60) % 2 === 0
      const temperature = 21 + 4 * Math.sin(i / 40) + Math.sin(i / 3) / 5
      return {
        at,
        values: { temperature, rpm: running ? 1200 + (i % 7) : 0, running, mode: running ? 'pumping' : 'idle' },
      }
    })
}

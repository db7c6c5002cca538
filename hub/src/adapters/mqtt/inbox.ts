// Hands what devices publish to the core, and decides when a message may be acknowledged.

import type { Commands } from '../../core/commands.ts'
import type { Devices } from '../../core/devices.ts'
import { HubError, unreachable } from '../../core/errors.ts'
import type { Intake } from '../../core/intake.ts'
import type { Complaints } from './complaints.ts'
import { decodeProfile, decodeReadings, decodeReply, decodeStatus } from './payload.ts'
import type { DeviceTopic } from './topics.ts'

/** What of the core MQTT works with. */
export interface Core {
  readonly intake: Pick<Intake, 'accept'>
  readonly devices: Pick<Devices, 'hello' | 'attach'>
  readonly commands: Pick<Commands, 'take'>
}

/** What else is known of a message than its topic and payload. */
export interface Circumstances {
  readonly retained?: boolean
  /** Hub time when it came first: with QoS 1 it may come again. */
  readonly firstAt?: number | undefined
}

/** Hears which devices are there, to link and unlink them. */
export interface DeviceEars {
  /** It published readings or its profile. */
  heard(device: string): void
  /** It said so itself. */
  online(device: string): void
  offline(device: string): void
}

export function createInbox({ intake, devices, commands, complaints }: Core & { complaints: Complaints }) {
  async function handle(
    topic: DeviceTopic,
    payload: Uint8Array,
    ears: DeviceEars,
    { retained = false, firstAt }: Circumstances,
  ): Promise<void> {
    const { device } = topic
    switch (topic.kind) {
      case 'telemetry': {
        const readings = timed(decodeReadings(payload), retained)
        const { rejected } = await intake.accept({ device, via: 'mqtt', firstAt }, readings)
        for (const { metric, code, detail } of rejected)
          complaints.note(device, code, metric ? `${metric}: ${detail}` : detail)
        return ears.heard(device)
      }
      case 'profile':
        if (payload.byteLength === 0) return // what clears a retained profile; the hub keeps the last one it had
        await devices.hello(device, decodeProfile(payload))
        return ears.heard(device)
      case 'status':
        return decodeStatus(payload) === 'online' ? ears.online(device) : ears.offline(device)
      case 'reply':
        return commands.take(device, decodeReply(payload, topic.command))
      default:
        return unreachable(topic)
    }
  }

  return {
    /**
     * Resolves when the message may be acknowledged: it is kept, or it can never be, and then a complaint says why, since
     * MQTT 3.1.1 has no negative acknowledgement and would bring it again for ever. Rejects when it must come again.
     */
    async take(topic: DeviceTopic, payload: Uint8Array, ears: DeviceEars, circumstances: Circumstances = {}) {
      try {
        await handle(topic, payload, ears, circumstances)
      } catch (error) {
        complaints.about(topic.device, error)
        if (mayWorkLater(error)) throw error
      }
    },
  }
}

export type Inbox = ReturnType<typeof createInbox>

function mayWorkLater(error: unknown): boolean {
  if (!(error instanceof HubError)) return true
  return error.code === 'overloaded' || error.code === 'journal-full' || error.code === 'hub-error'
}

/** A retained message is given out again at every subscription: without its own time it would become a new reading each time. */
function timed(readings: unknown[], retained: boolean): unknown[] {
  if (retained && readings.some((reading) => (reading as { at?: unknown } | null)?.at === undefined)) {
    throw new HubError('bad-message', 'Retained telemetry without "at" has no place in time; do not retain telemetry.')
  }
  return readings
}

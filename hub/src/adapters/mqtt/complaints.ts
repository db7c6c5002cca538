// Says what was wrong with a device's messages: MQTT 3.1.1 has no answer for it, so the log must.

import { HubError } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { ErrorCode } from '../../protocol/index.ts'
import { createRepeats } from './repeats.ts'

export function createComplaints({ clock, log }: { clock: Pick<Clock, 'monotonic'>; log: Log }) {
  const repeats = createRepeats({ clock })

  function note(device: string, code: ErrorCode, detail: string) {
    const untold = repeats(`${device} ${code}`)
    if (untold !== undefined) log.warn('device message refused', { device, code, detail, untold })
  }

  return {
    /** One value, or one reading, that was not kept; the rest of its message was. */
    note,
    /** A whole message that was not kept. */
    about(device: string, error: unknown) {
      if (error instanceof HubError) note(device, error.code, error.message)
      else log.error('device message failed', { device, error })
    },
  }
}

export type Complaints = ReturnType<typeof createComplaints>

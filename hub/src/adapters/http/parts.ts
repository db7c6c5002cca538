// What the HTTP app needs of the core: the composition root hands in the real services, tests hand in fakes.

import type { Hosts } from '../../core/access/hosts.ts'
import type { Keys } from '../../core/access/keys.ts'
import type { Origins } from '../../core/access/origins.ts'
import type { Refusals } from '../../core/access/refusals.ts'
import type { Tickets } from '../../core/access/tickets.ts'
import type { Commands } from '../../core/commands.ts'
import type { Devices } from '../../core/devices.ts'
import type { HistoryReader } from '../../core/history/history.ts'
import type { Intake } from '../../core/intake.ts'
import type { Clock, DeadLetters, Log, Records } from '../../core/ports.ts'
import type { Recorder } from '../../core/recorder/recorder.ts'
import type { Status } from '../../core/status.ts'
import type { Budgets } from './rates.ts'

export interface Access {
  readonly origins: Origins
  readonly keys: Keys
  readonly tickets: Tickets
  readonly refusals: Refusals
  readonly hosts: Hosts
}

export interface HttpParts {
  readonly access: Access
  readonly intake: Pick<Intake, 'accept'>
  readonly devices: Pick<Devices, 'get' | 'list' | 'hello' | 'update' | 'remove'>
  readonly commands: Pick<Commands, 'request' | 'cancel' | 'find' | 'list' | 'ended'>
  readonly history: HistoryReader
  readonly status: Pick<Status, 'stats' | 'ready'>
  readonly deadLetters: Pick<DeadLetters, 'list' | 'count'>
  readonly recorder: Pick<Recorder, 'retry'>
  readonly audit: Records['audit']
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: Log
  /** Path of the built browser client, served as `/client.js`. */
  readonly clientFile: string
  /** Other rate limits than the default ones. */
  readonly budgets?: Partial<Budgets>
}

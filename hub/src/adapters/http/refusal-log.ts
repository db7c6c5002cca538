// One log line for a refused request, and no more than a few a second, so that an attack cannot fill the disk with its own traces.

import type { Request } from 'express'
import { printable } from '../../core/access/printable.ts'
import type { HubError } from '../../core/errors.ts'
import type { HttpParts } from './parts.ts'
import { statusOf } from './problem.ts'

const linesPerSecond = 10

/** The path is logged without its query, where secrets have been seen; control characters are escaped. */
export function createRefusalLog({ log, clock }: Pick<HttpParts, 'log' | 'clock'>) {
  let secondStart = clock.monotonic()
  let lines = 0
  let left = 0

  return (error: HubError, req: Request): void => {
    const { code } = error
    const path = code === 'token-in-url' ? undefined : printable(req.path)
    if (statusOf(code) === 500) {
      log.error('request failed', { method: req.method, path, error: error.cause ?? error })
      return
    }
    const now = clock.monotonic()
    if (now - secondStart >= 1_000) {
      if (left > 0) log.info('requests refused', { count: left })
      secondStart = now
      lines = 0
      left = 0
    }
    if (lines++ >= linesPerSecond) {
      left++
      return
    }
    const origin = req.headers.origin === undefined ? undefined : printable(req.headers.origin)
    log.info('request refused', { code, method: req.method, path, origin, address: req.socket.remoteAddress })
  }
}

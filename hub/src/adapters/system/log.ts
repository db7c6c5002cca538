// Events with fields as JSON lines on stderr; pretty on a terminal. Secrets are cut out wherever they appear.

import { pino } from 'pino'
import type { Log } from '../../core/ports.ts'

const secret = /th_(device|gateway|viewer|operator|admin)_([a-z0-9]+)_[A-Za-z0-9_-]{20,}/g

export interface HubLog extends Log {
  /** Everything logged so far is written when it resolves. */
  flush(): Promise<void>
}

export function createLog(level: string): HubLog {
  const pretty = process.stderr.isTTY
    ? {
        transport: {
          target: 'pino-pretty',
          options: { destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' },
        },
      }
    : {}
  const logger = pino(
    {
      level,
      base: undefined,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      hooks: { streamWrite: (line) => line.replace(secret, 'th_$1_$2_***') },
      ...pretty,
    },
    ...(process.stderr.isTTY ? [] : [pino.destination({ dest: 2, sync: true })]),
  )
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    flush: () => new Promise((resolve) => logger.flush(() => resolve())),
  }
}

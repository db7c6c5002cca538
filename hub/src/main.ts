// The hub as a process: read the configuration, start, stop on SIGTERM or Ctrl-C.

import { systemClock } from './adapters/system/clock.ts'
import { createLog } from './adapters/system/log.ts'
import { readConfig } from './config.ts'
import { HubError } from './core/errors.ts'
import { startHub } from './hub.ts'

/** Past this a stop is not waited for any longer; the journal has what is left. */
const stopWithinMs = 9_000
const badConfiguration = 2

/** Never returns to its caller alive: the process ends with 0 after a stop, 1 when a part fails, 2 for bad configuration. */
export async function main() {
  const config = configOrExit()
  const log = createLog(config.logLevel)
  const starting = startHub(config, { clock: systemClock, log })

  let stopping = false
  async function stop(signal: NodeJS.Signals) {
    if (stopping) return
    stopping = true
    log.info('hub stopping', { signal })
    const late = setTimeout(() => process.exit(0), stopWithinMs)
    await starting.then((hub) => hub.close())
    clearTimeout(late)
    log.info('hub stopped')
    await log.flush()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  const hub = await starting.catch(async (error) => {
    log.error(
      error instanceof HubError ? error.message : 'hub did not start',
      error instanceof HubError ? {} : { error },
    )
    await log.flush()
    process.exit(error instanceof HubError && error.code === 'origin-invalid' ? badConfiguration : 1)
  })
  log.info('hub listening', { url: hub.url, mqttPort: hub.mqttPort, store: config.influx ? 'influx' : 'embedded' })
}

function configOrExit() {
  try {
    return readConfig()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(badConfiguration)
  }
}

await main()

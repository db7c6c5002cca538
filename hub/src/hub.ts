// The composition root: every part of the hub is made here and handed to those that need it. Read this file first.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openParquetFiles } from './adapters/duckdb/parquet.ts'
import { openDuckdbStore } from './adapters/duckdb/store.ts'
import { createHttpApp } from './adapters/http/app.ts'
import { closeServer, listen } from './adapters/http/listen.ts'
import { createHttpServer } from './adapters/http/server.ts'
import { openInfluxStore } from './adapters/influx/store.ts'
import { openJournal } from './adapters/journal/journal.ts'
import { lockDataDir } from './adapters/journal/lock.ts'
import { startBridge } from './adapters/mqtt/bridge.ts'
import { startBroker } from './adapters/mqtt/broker.ts'
import { openRecords } from './adapters/sqlite/records.ts'
import { openDeadLetters } from './adapters/system/dead-letters.ts'
import { ensureFirstKeys } from './adapters/system/first-keys.ts'
import { createLedgerFile } from './adapters/system/ledger-file.ts'
import { openGate } from './adapters/ws/gate.ts'
import type { Config } from './config.ts'
import { createHosts } from './core/access/hosts.ts'
import { createKeys } from './core/access/keys.ts'
import { createOrigins } from './core/access/origins.ts'
import { createRefusals } from './core/access/refusals.ts'
import { createTickets } from './core/access/tickets.ts'
import { createCommands } from './core/commands.ts'
import { createDevices } from './core/devices.ts'
import { createHistory } from './core/history/history.ts'
import { createRetention } from './core/history/retention.ts'
import { createIntake } from './core/intake.ts'
import { createLedger } from './core/ledger.ts'
import { createLife } from './core/life.ts'
import { createLive } from './core/live/live.ts'
import { createRecent } from './core/live/recent.ts'
import type { Clock, Log, SeriesStore } from './core/ports.ts'
import { createRecall } from './core/recall.ts'
import { createRecorder } from './core/recorder/recorder.ts'
import { createStatus } from './core/status.ts'
import { limits } from './protocol/index.ts'

export interface Hub {
  /** `http://host:port` */
  readonly url: string
  readonly port: number
  /** Of the embedded broker, when there is one. */
  readonly mqttPort: number | undefined
  /** Stops accepting, finishes what is under way, closes sockets with 1001; what the store lacks waits in the journal. */
  close(): Promise<void>
}

/** The browser client, built by `npm run build`. */
const builtClient = fileURLToPath(new URL('../dist/client.js', import.meta.url))

/** How much of the live stream memory holds. */
const recentReadings = 250_000

/** Rejects, with everything closed again, when a port is taken, the data directory is in use, or a part cannot start. */
export async function startHub(config: Config, { clock, log }: { clock: Clock; log: Log }): Promise<Hub> {
  const closers: (() => unknown)[] = []
  /** Whoever opens, closes: in reverse order. */
  const closing = <T>(part: T, close: (part: T) => unknown): T => {
    closers.push(() => close(part))
    return part
  }
  async function close() {
    for (let run = closers.pop(); run; run = closers.pop()) {
      try {
        await run()
      } catch (error) {
        log.error('a part did not close', { error })
      }
    }
  }
  try {
    return { ...(await open()), close }
  } catch (error) {
    await close()
    throw error
  }

  async function open(): Promise<Omit<Hub, 'close'>> {
    const data = (name: string) => join(config.dataDir, name)
    closing(await lockDataDir(config.dataDir), (unlock) => unlock())

    // What is kept.
    const records = closing(await openRecords({ file: data('records.sqlite') }), (part) => part.close())
    const journal = closing(
      await openJournal({ dir: data('journal'), maxBytes: config.journalMaxBytes, clock, log }),
      (part) => part.close(),
    )
    const store = closing(
      config.influx
        ? await openInfluxStore({ ...config.influx, markFile: data('influx.mark'), log })
        : await openDuckdbStore({ file: data('series.duckdb'), log }),
      (part) => part.close(),
    )
    const deadLetters = closing(await openDeadLetters({ file: data('dead-letters.ndjson'), log }), (part) =>
      part.close(),
    )

    // Who may come in.
    const keys = closing(createKeys({ records, clock, log }), (part) => part.flush())
    const origins = createOrigins({ configured: config.origins, records, clock })
    const access = {
      keys,
      origins,
      hosts: createHosts({ host: config.host, extra: config.hosts }),
      tickets: createTickets({ clock, keys }),
      refusals: createRefusals({ clock }),
    }
    await keys.load()
    await origins.load()
    await ensureFirstKeys({ dir: data('keys'), keys })

    // What happens to readings and commands.
    const devices = closing(createDevices({ records: records.devices, store, clock, log }), (part) => part.close())
    const recent = createRecent({ maxAgeMs: limits.resumeMs, maxReadings: recentReadings })
    const live = createLive({ recent, epoch: journal.epoch, clock, devices })
    const ledger = closing(
      createLedger({
        file: createLedgerFile({ file: data('ledger.json'), log }),
        journal,
        saveDevices: devices.save,
        clock,
        log,
      }),
      (part) => part.close(),
    )
    // What the journal still has of a device that was removed is not written after its series were forgotten.
    const keptStore: SeriesStore = {
      ...store,
      write: (batches, upTo) =>
        store.write(
          batches.filter((batch) => !devices.isForgotten(batch)),
          upTo,
        ),
    }
    const recorder = closing(createRecorder({ journal, store: keptStore, deadLetters, ledger, clock, log }), (part) =>
      part.close(),
    )
    const recall = closing(createRecall({ journal, ledger, devices, live, clock, log }), (part) => part.close())
    const intake = createIntake({
      journal,
      ledger,
      recall,
      devices,
      live,
      clock,
      retentionMs: config.retentionMs,
      onAccepted: recorder.take,
    })
    const commands = closing(createCommands({ records: records.commands, devices, clock, log }), (part) => part.close())
    const life = closing(createLife({ records: records.life, devices, clock, log }), (part) => part.close())
    const files = await openParquetFiles({ dir: data('exports') })
    const history = createHistory({ store, devices, life, deadLetters, files, clock })
    closing(createRetention({ store, rawMs: config.retentionMs, clock, log }), (part) => part.close())

    // What was there before.
    await devices.load(await store.series().catch(() => []))
    await recall.start(recentReadings)
    await life.start()
    recorder.start()
    await commands.load()

    // How they come in.
    const mqtt = { devices, intake, commands, clock, log }
    const bridge = config.mqttUrl
      ? closing(await startBridge({ ...mqtt, url: config.mqttUrl }), (part) => part.close())
      : undefined
    const broker =
      bridge === undefined && config.mqttPort !== 0
        ? closing(
            await startBroker({ ...mqtt, host: config.host, port: config.mqttPort, keys, audit: records.audit }),
            (part) => part.close(),
          )
        : undefined
    const status = closing(
      createStatus({
        journal,
        recorder,
        store,
        ledger,
        devices,
        connections: () => gate.connections(),
        broker:
          bridge &&
          (() =>
            bridge.connected() ? { ok: true } : { ok: false, reason: 'The broker is not reached (TELEHUB_MQTT_URL).' }),
        clock,
      }),
      (part) => part.close(),
    )
    const app = createHttpApp({
      access,
      intake,
      devices,
      commands,
      history,
      status,
      deadLetters,
      recorder,
      audit: records.audit,
      clock,
      log,
      clientFile: builtClient,
    })
    const server = createHttpServer(app)
    closing(server, closeServer)
    const gate = closing(openGate({ server, access, intake, devices, commands, live, clock, log }), (part) =>
      part.close(),
    )
    const port = await listen(server, { host: config.host, port: config.port })
    const saveKeys = clock.every(60_000, () => void keys.flush())
    closing(saveKeys, (stop) => stop())
    // The first thing to end: what was taken is answered before its sender is told to go.
    closing(intake, async (part) => {
      void recall.close()
      await part.close()
    })

    const host = config.host.includes(':') ? `[${config.host}]` : config.host
    return { url: `http://${host}:${port}`, port, mqttPort: broker?.port }
  }
}

// `npm run faults`: the long part of the fault suite, by a seed that it prints and takes.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ensureInstalled } from './setup/install.mjs'
import { run } from './setup/run.mjs'
import { ensureServers } from './setup/servers.mjs'

const usage = `npm run faults -- [--seed <number>] [--only <words>]
  --seed   the same loads and the same times again (default: another one each time)
  --only   only the scenarios with these words in their names, such as F06`

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exitCode = 2
}

async function main() {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, only: { type: 'string' } } })
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed is a whole number, not ${values.seed}.`)
  await ensureInstalled()
  const missing = await ensureServers()

  console.log(`Fault suite, long part, seed ${seed}`)
  const code = await run(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--project', 'faults'],
      // Real servers and full disks beside each other would measure each other.
      ...['--reporter=verbose', '--no-file-parallelism'],
      ...(values.only ? ['--testNamePattern', values.only] : []),
    ],
    { env: { FAULTS_LONG: '1', FAULTS_SEED: String(seed) } },
  )
  for (const title of missing) console.log(`${title} is not installed: the scenarios that need it did not run.`)
  console.log(`Seed ${seed}; the same again: npm run faults -- --seed ${seed}`)
  return code
}

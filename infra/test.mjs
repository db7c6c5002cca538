// `npm test`: everything that must hold before a change is shared, from a fresh clone, with one summary at its end.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureBuilt } from './setup/build.mjs'
import { ensureInstalled } from './setup/install.mjs'
import { countTests, lastLine, skippedIn } from './setup/results.mjs'
import { npm, root, run } from './setup/run.mjs'
import { ensureServers } from './setup/servers.mjs'

const checks = ['lint', 'types', 'unused']

// Words after `npm test --` choose test files; then only these are run.
const chosen = process.argv.slice(2)

try {
  process.exitCode = await testAll()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }))
  process.exitCode = 1
}

async function testAll() {
  const startedAt = performance.now()
  await ensureInstalled()
  const missing = await ensureServers()
  await ensureBuilt()

  const results = []
  if (chosen.length === 0) for (const name of checks) results.push({ name, ...(await check(name)) })
  const { counts: tests, report } = await vitest()
  results.push({ name: 'tests', ...tests })

  const total = { passed: 0, failed: 0, skipped: 0 }
  console.log('\nSummary')
  for (const { name, ...counts } of results) {
    console.log(`  ${name.padEnd(8)}${counts.failed > 0 ? 'FAILED' : 'ok    '}  ${lastLine(counts)}`)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
  }
  for (const { file, skipped } of skippedIn(report)) console.log(`  ${skipped} skipped in ${relative(root, file)}`)
  for (const title of missing) console.log(`  ${title} is not installed: the tests that need it did not run.`)
  console.log(`  ${Math.round((performance.now() - startedAt) / 1000)} s`)
  console.log(lastLine(total))
  return total.failed === 0 ? 0 : 1
}

/** @param {string} name a script of package.json */
async function check(name) {
  console.error(`Checking ${name} …`)
  const failed = (await npm(['run', '--silent', name], { quiet: true })) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

async function vitest() {
  console.error('Running the tests …')
  const folder = mkdtempSync(join(tmpdir(), 'telehub-report-'))
  const file = join(folder, 'report.json')
  try {
    const code = await run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...chosen,
    ])
    const report = readReport(file)
    return { counts: countTests(report, code), report }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

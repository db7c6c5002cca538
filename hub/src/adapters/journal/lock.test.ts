// Two hubs must never write one data directory, and a killed one must not keep the next out.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { lockDataDir } from './lock.ts'
import { temporaryDir } from './testing/samples.ts'

/** Another process that holds the lock until it is killed. */
async function startHolder(dir: string) {
  const lock = fileURLToPath(new URL('./lock.ts', import.meta.url))
  const script = `import { lockDataDir } from ${JSON.stringify(lock)}
    await lockDataDir(${JSON.stringify(dir)})
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const args = ['--import', 'tsx', '--conditions', 'source', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

it('refuses a directory that another process uses, and names that process', async () => {
  const dir = temporaryDir()
  const holder = await startHolder(dir)

  await expect(lockDataDir(dir)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`(pid ${holder.pid}) is using ${dir}`),
  })
})

it('takes over what a killed process left', async () => {
  const dir = temporaryDir()
  const holder = await startHolder(dir)
  holder.kill('SIGKILL')
  await once(holder, 'exit')

  const release = await lockDataDir(dir)

  await release()
})

it('refuses a second hub in the same process, until the first lets go', async () => {
  const dir = temporaryDir()
  const release = await lockDataDir(dir)

  await expect(lockDataDir(dir)).rejects.toMatchObject({ code: 'conflict' })
  await release()
  await (await lockDataDir(dir))()
})

// The six test projects: what each one runs, in which environment, and how long it may take.

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Workspaces are taken from their sources, so that no test needs a build first.
const conditions = ['source', 'module', 'node', 'development|production']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } } }

// Real servers need seconds to come up on a busy machine with two cores.
const withServers = { testTimeout: 30_000, hookTimeout: 60_000 }

// `npm run faults` runs the fault suite longer.
const faultTimeout = process.env.FAULTS_LONG === '1' ? 1_800_000 : 90_000

export default defineConfig({
  ...fromSource,
  test: {
    maxWorkers: 2,
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['hub/src/**/*.test.ts', 'hub/test/*.test.ts', 'devices-sim/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: ['infra/start.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      { ...fromSource, test: { name: 'contract', include: ['hub/test/contract/**/*.test.ts'], ...withServers } },
      {
        ...fromSource,
        test: { name: 'flows', include: ['hub/test/flows/**/*.test.ts', 'infra/start.test.ts'], ...withServers },
      },
      {
        ...fromSource,
        test: { name: 'faults', include: ['hub/test/faults/**/*.test.ts'], ...withServers, testTimeout: faultTimeout },
      },
      {
        plugins: [vue()],
        resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
        test: { name: 'console', include: ['console/src/**/*.test.ts'], environment: 'happy-dom' },
      },
      {
        ...fromSource,
        test: { name: 'browser', include: ['console/test/**/*.test.ts'], ...withServers, testTimeout: 60_000 },
      },
    ],
  },
})

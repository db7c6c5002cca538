// Shows that no failure can hide from the last line of `npm test`.

import { describe, expect, it } from 'vitest'
import { countTests, lastLine, skippedIn } from './results.mjs'

const report = (changes: object = {}) => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [] as { name: string; status: string; assertionResults: { status: string }[] }[],
  ...changes,
})

describe('the counts of a run', () => {
  it('are those of the report when all is well', () => {
    expect(countTests(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 })
  })

  it('hold a failure for a file that could not be loaded', () => {
    const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }]
    expect(countTests(report({ testResults }), 1)).toMatchObject({ passed: 3, failed: 1 })
  })

  it('do not count a failed test twice', () => {
    const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'failed' }] }]
    expect(countTests(report({ numFailedTests: 1, testResults }), 1).failed).toBe(1)
  })

  it('hold a failure for an error outside of all tests', () => {
    expect(countTests(report(), 1).failed).toBe(1)
  })

  it('hold a failure when no test ran', () => {
    expect(countTests(report({ numPassedTests: 0 }), 0).failed).toBe(1)
  })

  it('hold a failure when there is no report', () => {
    expect(countTests(undefined, 0).failed).toBe(1)
  })
})

it('ends with one plain line', () => {
  expect(lastLine({ passed: 12, failed: 0, skipped: 2 })).toBe('12 passed, 0 failed, 2 skipped')
})

it('tells which files skipped tests', () => {
  const testResults = [
    { name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'skipped' }] },
    { name: 'b.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] },
  ]
  expect(skippedIn(report({ testResults }))).toEqual([{ file: 'a.test.ts', skipped: 1 }])
})

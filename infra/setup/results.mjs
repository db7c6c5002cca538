// Counts what a test run proved, so that its last line can be trusted.

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ success: boolean, numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { name: string, status: string, assertionResults: { status: string }[] }[] }} VitestReport
 */

/**
 * Counts of one vitest run. A file that could not even be loaded holds no failed test, and an error outside of all tests
 * belongs to none: both count as a failure here.
 *
 * @param {VitestReport | undefined} report what `--reporter=json` wrote; undefined when it wrote nothing
 * @param {number} exitCode of vitest
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  const nothingRan = report.numPassedTests + failed === 0
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && (exitCode !== 0 || nothingRan) ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * How many tests each file skipped, for the files that did.
 *
 * @param {VitestReport | undefined} report
 * @returns {{ file: string, skipped: number }[]} full paths
 */
export function skippedIn(report) {
  return (report?.testResults ?? [])
    .map(({ name, assertionResults }) => ({ file: name, skipped: assertionResults.filter(isSkipped).length }))
    .filter(({ skipped }) => skipped > 0)
}

/** @param {{ status: string }} test */
function isSkipped({ status }) {
  return ['pending', 'skipped', 'disabled', 'todo'].includes(status)
}

/** The plain last line. @param {Counts} counts */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

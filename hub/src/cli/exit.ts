// What the process says when it ends.

export const exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  deviceFailed: 5,
  timedOut: 124,
  interrupted: 130,
} as const

/** A failure whose exit code is known where it happens. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

const wrongInput = ['bad-json', 'bad-message', 'bad-request', 'bad-name', 'bad-params', 'origin-invalid']
const absent = ['not-found', 'unknown-command']
const failures = ['unreachable', 'hub-error', 'overloaded', 'store-unavailable', 'journal-full', 'request-timeout']

/** The exit code for a problem's code: whatever is nobody's mistake and no failure is the hub's refusal. */
export function exitFor(code: string): number {
  if (wrongInput.includes(code)) return exit.usage
  if (absent.includes(code)) return exit.notFound
  return failures.includes(code) ? exit.failed : exit.refused
}

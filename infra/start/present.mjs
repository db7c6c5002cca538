// Chooses what of a process's output is worth a line on the terminal.

/** Names of pino's levels from the one on that people should see: `warn` healed itself, `error` needs somebody. */
const shownLevels = new Map([
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
])

const hiddenFields = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name'])

/**
 * The line for the terminal, or undefined for one that only belongs in the log file.
 *
 * @param {string} name of the process
 * @param {string} line
 * @param {'stdout' | 'stderr'} stream
 */
export function present(name, line, stream) {
  const event = parse(line)
  if (event === undefined) return stream === 'stderr' && line.trim() !== '' ? `${name}: ${line}` : undefined
  const level = shownLevels.get(event.level)
  if (level === undefined) return undefined
  const fields = Object.entries(event).filter(([key]) => !hiddenFields.has(key))
  return [`${name}: ${level}: ${event.msg}`, ...fields.map(([key, value]) => `${key}=${text(value)}`)].join('  ')
}

/**
 * @param {string} line
 * @returns {Record<string, any> | undefined} one event as pino writes it
 */
function parse(line) {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line)
    return typeof value.level === 'number' ? value : undefined
  } catch {
    return undefined
  }
}

/** @param {any} value */
function text(value) {
  if (typeof value === 'string') return value
  // Of an error its sentence is enough here; the stack is in the log file.
  return value?.message ?? JSON.stringify(value)
}

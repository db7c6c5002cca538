// Reads what strace wrote and finds acknowledgements that left before the sync that covers them: a pure function.

/** strace with these writes lines that `earlyAcks` can read: all bytes of all strings, in hex, and the file of each descriptor. */
export const straceOptions = [
  '-D', // the hub stays our child
  '-f',
  '-qq',
  '-y',
  '-xx',
  ...['-s', '1000000'],
  ...['-e', 'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync'],
]

interface Call {
  readonly name: string
  /** What the first argument stands for: a path, or `socket:[…]`. */
  readonly file: string
  /** All strings among its arguments, one after the other, as latin1. */
  readonly data: string
  /** Numbers of the lines on which it began and ended. */
  readonly begins: number
  ends: number
}

export interface EarlyAcks {
  /** Marks whose acknowledgement left too early, or that were never written at all. */
  readonly early: string[]
  /** Acknowledgements seen. */
  readonly seen: number
}

/**
 * `acksIn` names the marks that some bytes sent to a socket acknowledge. A mark is text within the record of its message.
 * Its acknowledgement may leave once a sync of the segment, begun after the mark was written there, has ended.
 */
export function earlyAcks(trace: string, acksIn: (bytes: string) => readonly string[]): EarlyAcks {
  const calls = parse(trace)
  const records = calls.filter(({ name, file }) => name.startsWith('pwrite') && file.endsWith('.segment'))
  const syncs = calls.filter(({ name, file }) => /^f(data)?sync$/.test(name) && file.endsWith('.segment'))
  const early: string[] = []
  let seen = 0
  for (const { file, data, begins } of calls) {
    if (!file.startsWith('socket:') && !file.startsWith('TCP')) continue
    for (const mark of acksIn(data)) {
      seen++
      const record = records.find((call) => call.data.includes(mark))
      const covered = record && syncs.some((sync) => covers(sync, record) && sync.ends < begins)
      if (!covered) early.push(mark)
    }
  }
  return { early, seen }
}

function covers(sync: Call, record: Call): boolean {
  return sync.file === record.file && sync.begins > record.ends
}

/** `12 name(3</path>, "\x41"…) = 1`, or in two lines: `12 name(… <unfinished ...>`, later `12 <... name resumed>…) = 1`. */
function parse(trace: string): Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, Call>()
  trace.split('\n').forEach((line, number) => {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (rest.startsWith('<...')) {
      const call = unfinished.get(pid)
      unfinished.delete(pid)
      if (call) call.ends = number
      return
    }
    const [, name, path] = /^(\w+)\(\d+<([^>]*)>/.exec(rest) ?? []
    if (name === undefined || path === undefined) return
    const file = decode(path)
    const isOpen = rest.endsWith('<unfinished ...>')
    const call = { name, file, data: strings(rest), begins: number, ends: isOpen ? Number.POSITIVE_INFINITY : number }
    calls.push(call)
    if (isOpen) unfinished.set(pid, call)
  })
  return calls
}

function strings(args: string): string {
  let text = ''
  for (const [, bytes = ''] of args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)) text += decode(bytes)
  return text
}

/** Some versions of strace write paths in hex as well, some do not. */
function decode(text: string): string {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex').toString('latin1') : text
}

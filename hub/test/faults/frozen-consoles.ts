// A process with many consoles on one hub: the victim that a story freezes. Prints a line when all watch, and for each one told that it is behind.

import { WebSocket } from 'ws'

const [url = '', key = '', count = '1'] = process.argv.slice(2)

async function watchAll(): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/console`, ['telehub.v1.json'], {
    headers: { authorization: `Bearer ${key}` },
  })
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"watch","id":"w","devices":"*","mode":"all"}'))
    socket.on('message', (data) => {
      const text = String(data)
      if (text.includes('"type":"watching"')) resolve()
      if (text.startsWith('{"type":"behind"')) process.stdout.write('behind\n')
    })
  })
}

await Promise.all(Array.from({ length: Number(count) }, watchAll))
process.stdout.write('watching\n')

// Begins and ends listening; a port that is taken is said in words.

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How long requests under way may take once the hub is closing. */
const finishWithinMs = 2_000

/** Resolves with the port; 0 chooses a free one. Rejects naming the port and the variable that moves it. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    // Once it listens, an error is one of accepting (no more file descriptors): that connection is lost, not the hub.
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      reject(
        taken ? new Error(`Port ${port} is taken. Free it, or set TELEHUB_PORT to another one.`, { cause }) : cause,
      )
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

/** No new requests; those under way may finish. */
export async function closeServer(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), finishWithinMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(cut)
}

// The limits a peer can run into, told to devices in `welcome`.

export const limits = {
  messageBytes: 65_536,
  /** Before a socket has said who it is. */
  messageBytesBeforeAuth: 4_096,
  readingsPerMessage: 1_000,
  /** Unacknowledged messages of one device socket. */
  inFlight: 64,
  bodyBytes: 1_048_576,
  gatewayBodyBytes: 10_485_760,
  jsonDepth: 8,
  metricsPerDevice: 256,
  textBytes: 4_096,
  watchesPerConsole: 64,
  devicesPerWatch: 1_000,
  helloWithinMs: 5_000,
  ticketMs: 30_000,
  heartbeatMs: 15_000,
  /** A reading may be this far ahead of the hub's clock. */
  futureMs: 300_000,
  /** A watch can resume from memory for this long. */
  resumeMs: 900_000,
  /** Readings that arrive within one tick share a frame. */
  tickMs: 50,
} as const

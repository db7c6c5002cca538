// With which number a socket ends. The reason beside it is words.

/** WebSocket close codes: RFC 6455 §7.4.1, and 44xx that mirror HTTP statuses. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  notText: 1003,
  tooBig: 1009,
  hubError: 1011,
  restart: 1012,
  tryLater: 1013,
  badMessage: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  helloTimeout: 4408,
  replaced: 4409,
  tooFast: 4429,
} as const

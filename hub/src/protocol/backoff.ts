// How long to wait before trying again, for everyone who talks to a hub and for the hub itself.

/** Waits that double up to a ceiling, each cut by up to half so clients do not return in step. */
export function* backoff({ firstMs = 500, maxMs = 30_000, random = Math.random } = {}): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(ms * 2, maxMs)) yield ms * (1 - random() / 2)
}

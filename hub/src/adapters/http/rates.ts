// How often a key, or an address without one, may ask: buckets that refill, looked at before any body is read.

import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { HubError } from '../../core/errors.ts'
import type { KeyKind } from '../../protocol/index.ts'

/** So many a second, and so many more within ten seconds. */
export type Budget = { perSecond: number; burst: number }

export interface Budgets {
  /** Requests of one key, by what it is for. */
  readonly device: Budget
  readonly gateway: Budget
  readonly console: Budget
  /** Commands of one key. */
  readonly commands: Budget
  /** Requests of one address that need no key. */
  readonly open: Budget
  /** Attempts of one address with a key that is none. A fleet with good keys behind the same address does not use this up. */
  readonly strangers: Budget
}

const defaults: Budgets = {
  device: { perSecond: 200, burst: 1_000 },
  gateway: { perSecond: 20_000, burst: 50_000 },
  console: { perSecond: 100, burst: 1_000 },
  commands: { perSecond: 10, burst: 40 },
  open: { perSecond: 500, burst: 5_000 },
  strangers: { perSecond: 5, burst: 50 },
}

export type Rates = ReturnType<typeof createRates>

/** Each method takes one from a bucket. HubError `too-fast` with the wait. Buckets are dropped once they are full again. */
export function createRates(budgets: Partial<Budgets> = {}) {
  const bucket = {
    device: openBucket({ ...defaults, ...budgets }.device),
    gateway: openBucket({ ...defaults, ...budgets }.gateway),
    console: openBucket({ ...defaults, ...budgets }.console),
    commands: openBucket({ ...defaults, ...budgets }.commands),
    open: openBucket({ ...defaults, ...budgets }.open),
    strangers: openBucket({ ...defaults, ...budgets }.strangers),
  }
  return {
    request: (kind: KeyKind, keyId: string) =>
      take(bucket[kind === 'device' || kind === 'gateway' ? kind : 'console'], keyId),
    command: (keyId: string) => take(bucket.commands, keyId),
    open: (address: string) => take(bucket.open, networkOf(address)),
    stranger: (address: string) => take(bucket.strangers, networkOf(address)),
  }
}

const burstWindowSeconds = 10

function openBucket({ perSecond, burst }: Budget): BurstyRateLimiter {
  return new BurstyRateLimiter(
    new RateLimiterMemory({ points: perSecond, duration: 1 }),
    new RateLimiterMemory({ points: burst, duration: burstWindowSeconds }),
  )
}

async function take(bucket: BurstyRateLimiter, who: string): Promise<void> {
  try {
    await bucket.consume(who)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new HubError('too-fast', 'Too many requests; wait as Retry-After says.', {
      retryAfterMs: refusal.msBeforeNext,
    })
  }
}

/** Whoever has one IPv6 address has the other 2^64 of its network too (RFC 6177). */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  return address.split('%')[0]?.split(':').slice(0, 4).join(':') ?? address
}

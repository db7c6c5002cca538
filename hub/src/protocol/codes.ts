// Every code an answer can carry. Codes are stable: programs decide by them, people read the detail beside them.

import * as z from 'zod/mini'

export const ErrorCode = z.enum([
  // a message as a whole
  'bad-json',
  'bad-message',
  'bad-request',
  'too-large',
  'too-deep',
  'too-fast',
  'unsupported-media-type',
  'method-not-allowed',
  'not-found',
  'conflict',
  'precondition-failed',
  'request-timeout',
  'overloaded',
  'journal-full',
  'store-unavailable',
  'hub-error',
  // who asks, and from where
  'bearer-required',
  'unauthenticated',
  'wrong-audience',
  'role-needed',
  'revoked',
  'origin-not-allowed',
  'origin-null',
  'origin-missing',
  'origin-invalid',
  'browser-on-device-endpoint',
  'host-not-allowed',
  'token-in-url',
  'ticket-required',
  'ticket-unknown',
  'ticket-expired',
  'ticket-origin',
  // readings
  'empty-batch',
  'too-many-readings',
  'bad-name',
  'reserved-name',
  'value-type',
  'value-not-finite',
  'at-range',
  'at-too-old',
  'at-in-future',
  'type-conflict',
  'cardinality-limit',
  'foreign-device',
  // watches
  'too-many-watches',
  // commands
  'device-offline',
  'unknown-command',
  'bad-params',
  'command-ended',
  'idempotency-conflict',
])
export type ErrorCode = z.infer<typeof ErrorCode>

// What travels between the hub and everyone else.

import './words.ts'

export * from './backoff.ts'
export * from './close-codes.ts'
export * from './codes.ts'
export * from './http.ts'
export * from './limits.ts'
export * from './messages.ts'
export * from './model.ts'
export * from './params.ts'
export * from './subprotocols.ts'

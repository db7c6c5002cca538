// How a client stands with its hub, for a person to see.

export type ConnectionState =
  | { readonly kind: 'connecting' }
  /** `since`: hub time of the welcome. */
  | { readonly kind: 'live'; readonly since: number }
  /** `retryAt`: epoch ms of this computer's clock. */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly retryAt: number; readonly reason: string }
  /** This computer has no network. */
  | { readonly kind: 'offline' }
  /** The key is not accepted (any more); no further try is made. */
  | { readonly kind: 'unauthorised'; readonly detail: string }
  /** The hub does not allow this page; `fix` is the line that would. Tried again slowly. */
  | { readonly kind: 'origin-refused'; readonly detail: string; readonly fix?: string | undefined }
  /** The hub speaks another version of the protocol. */
  | { readonly kind: 'version-mismatch'; readonly detail: string }
  | { readonly kind: 'closed' }

import type { ErrorBody } from './errors.ts'

/** `renewed`: the reader's groups or name are others now, and so is what they may see. */
export type ByeReason = 'max-life' | 'draining' | 'renewed'

export type ControlEvent =
  | { event: 'bye'; data: { reason: ByeReason } }
  | { event: 'failed'; data: ErrorBody }

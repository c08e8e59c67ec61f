import { AsyncLocalStorage } from 'node:async_hooks'

/** Runs `work` outside of the request that needs it. */
export type OutsideRequests = <T>(work: () => T) => T

/**
 * For what outlives a request: promises, timers and sockets keep the async context in which they were made, and Next's
 * holds the whole request. To be called where no request is, when the process puts its parts together.
 */
export function outsideRequests(): OutsideRequests {
  return AsyncLocalStorage.snapshot()
}

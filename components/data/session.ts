'use client'
import { useSyncExternalStore } from 'react'
import { AppError } from '#server/platform/model/errors.ts'
import type { MeView } from '#server/processes/web/views/me.ts'
import { request } from './request.ts'

/** Whether this page's session stands. Whatever hears that it does not says so here; streams wait until it does again. */
let ended: AppError | undefined
/** Why it cannot be said at the moment: the sign-in provider or the database is away. */
let away: AppError | undefined
const listeners = new Set<() => void>()

function become(next: { ended?: AppError; away?: AppError }) {
  ended = next.ended
  away = next.away
  for (const listener of listeners) listener()
}

export function noteFailure(error: unknown): void {
  if (ended || !(error instanceof AppError)) return
  if (error.code === 'unauthenticated') become({ ended: error })
  else if (error.code === 'unavailable' && error.details.key) become({ away: error })
}

/** Asks whether one is signed in; in another tab one may have become so again. */
export async function askSession(): Promise<void> {
  try {
    await request<MeView>('GET', '/api/me')
    if (ended || away) become({})
  } catch (error) {
    noteFailure(error)
  }
}

/** Calls back once, as soon as there is a session again; at once where there is. */
export function whenSignedIn(callback: () => void, signal: AbortSignal): void {
  if (!ended) {
    callback()
    return
  }
  const look = () => {
    if (ended) return
    listeners.delete(look)
    callback()
  }
  listeners.add(look)
  signal.addEventListener('abort', () => listeners.delete(look), { once: true })
}

/** Why the session is over; undefined while it stands. */
export function useSessionEnd(): AppError | undefined {
  return useSyncExternalStore(subscribe, () => ended, nothing)
}

/** What is away, as far as the last answer said so; undefined while all is well. */
export function useAway(): AppError | undefined {
  return useSyncExternalStore(subscribe, () => away, nothing)
}

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange)
  return () => listeners.delete(onChange)
}

function nothing(): undefined {
  return undefined
}

'use client'
import { useSyncExternalStore } from 'react'
import { AppError } from '#server/platform/model/errors.ts'
import type { MeView } from '#server/processes/web/views/me.ts'
import { request } from './request.ts'

/** Whether this page's session stands. Whatever hears that it does not says so here; streams wait until it does again. */
let ended: AppError | undefined
const listeners = new Set<() => void>()

function become(next: AppError | undefined) {
  ended = next
  for (const listener of listeners) listener()
}

export function noteFailure(error: unknown): void {
  if (ended || !(error instanceof AppError) || error.code !== 'unauthenticated') return
  become(error)
}

/** Asks whether one is signed in; in another tab one may have become so again. */
export async function askSession(): Promise<void> {
  try {
    await request<MeView>('GET', '/api/me')
    if (ended) become(undefined)
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
  return useSyncExternalStore(
    (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    () => ended,
    () => undefined,
  )
}

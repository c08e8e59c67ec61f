import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '#server/domain/errors.ts'
import type { Log } from '#server/log.ts'
import type {
  SessionEnd,
  SessionStore,
  SignedIn,
  StoredSession,
} from '#server/store/session-store.ts'

export type SessionKeeper = {
  /** Who it is now. Throws `unauthenticated` with the reason where it is over, `unavailable` where nobody can say. */
  look(id: string): Promise<SignedIn>
  /** Calls back once, when the session is over or its person is no longer the one that was seen. */
  watch(id: string, seen: SignedIn, signal: AbortSignal, onChange: (change: Change) => void): void
  /** These are to be read anew, by whoever watches them at once. */
  forget(ids: string[]): void
}

export type Change = { over: AppError } | 'renewed'

type Watcher = { person: string; tell: (change: Change) => void }

const readAgainMs = 1000
const keptMax = 10_000
/** While the database is away, what was known stands so long. */
const trustedMs = 60_000
const leaseSeconds = 30
const renewWithinMs = 12_000

/**
 * Reads sessions for all requests and streams of this process: each at most once in a second, those that are watched
 * together. `renew` asks the provider; a lease in the store lets one process at a time do so.
 */
export function createSessionKeeper(parts: {
  store: SessionStore
  renew: (session: StoredSession, sealed: string) => Promise<void>
  log: Log
  signal: AbortSignal
}): SessionKeeper {
  const { store, renew, log, signal } = parts
  const kept = new Map<string, { atMs: number; session: StoredSession | undefined }>()
  const reading = new Map<string, Promise<void>>()
  const renewing = new Map<string, Promise<void>>()
  const watched = new Map<string, Set<Watcher>>()
  let looking = false
  const timer = setInterval(() => void lookAtWatched(), readAgainMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })

  async function read(ids: string[]): Promise<void> {
    const atMs = performance.now()
    const found = new Map((await store.read(ids)).map((one) => [one.id, one]))
    for (const id of ids) kept.set(id, { atMs, session: found.get(id) })
    for (const id of kept.keys()) {
      if (kept.size <= keptMax) break
      kept.delete(id)
    }
  }

  function readOnce(id: string): Promise<void> {
    const running = reading.get(id) ?? read([id]).finally(() => reading.delete(id))
    reading.set(id, running)
    return running
  }

  async function look(id: string): Promise<SignedIn> {
    const known = kept.get(id)
    if (!known || performance.now() - known.atMs >= readAgainMs) {
      try {
        await readOnce(id)
      } catch (error) {
        if (!known || performance.now() - known.atMs > trustedMs) throw error
      }
    }
    return judge(id)
  }

  async function judge(id: string): Promise<SignedIn> {
    const held = standing(id)
    const { fresh } = held
    if (!fresh) return held
    if (fresh.renewInMs <= 0) {
      const asked = renewOnce(held)
      // Still vouched for, nobody has to wait for it.
      if (fresh.forMs > 0)
        asked.catch((error) => log.warn({ err: error }, 'a session waits for the provider'))
      else await asked
    }
    return standing(id)
  }

  function standing(id: string): StoredSession {
    const held = kept.get(id)
    if (!held?.session) throw ended('expired')
    const { session, atMs } = held
    if (session.end) throw ended(session.end)
    if (!session.fresh) return session
    const elapsedMs = performance.now() - atMs
    const { forMs, renewInMs } = session.fresh
    return { ...session, fresh: { forMs: forMs - elapsedMs, renewInMs: renewInMs - elapsedMs } }
  }

  function renewOnce(session: StoredSession): Promise<void> {
    const { id } = session
    const running = renewing.get(id) ?? renewed(session).finally(() => renewing.delete(id))
    renewing.set(id, running)
    return running
  }

  async function renewed(session: StoredSession): Promise<void> {
    const { id } = session
    const untilMs = performance.now() + renewWithinMs
    while (!signal.aborted) {
      const sealed = await store.claimRenewal(id, leaseSeconds)
      if (sealed !== undefined) await renew(session, sealed)
      await read([id])
      const now = kept.get(id)?.session
      if (sealed !== undefined || !now?.fresh || now.end || now.fresh.renewInMs > 0) return
      // Another process asks, or the provider was silent a moment ago.
      if (now.fresh.forMs > 0) return
      if (performance.now() > untilMs) break
      await pause(200, undefined, { signal }).catch(() => {})
    }
    throw new AppError('unavailable', 'The sign-in provider does not answer.', {
      key: 'session.providerSilent',
    })
  }

  async function lookAtWatched(): Promise<void> {
    if (looking || watched.size === 0) return
    looking = true
    const ids = [...watched.keys()]
    await read(ids).catch((error) => log.warn({ err: error }, 'sessions cannot be read'))
    await Promise.all(ids.map(tellWatchers))
    looking = false
  }

  async function tellWatchers(id: string): Promise<void> {
    let change: Change | undefined
    let person = ''
    try {
      const known = kept.get(id)
      // Nobody can say for too long: whoever comes back is asked anew.
      if (!known || performance.now() - known.atMs > trustedMs) change = 'renewed'
      else person = textOf(await judge(id))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      change = error.code === 'unauthenticated' ? { over: error } : 'renewed'
    }
    for (const watcher of watched.get(id) ?? []) {
      if (change) watcher.tell(change)
      else if (watcher.person !== person) watcher.tell('renewed')
    }
  }

  return {
    look,
    forget(ids) {
      for (const id of ids) kept.delete(id)
      void lookAtWatched()
    },
    watch(id, seen, until, onChange) {
      if (until.aborted) return
      const those = watched.get(id) ?? new Set()
      watched.set(id, those)
      const leave = () => {
        those.delete(watcher)
        if (those.size === 0 && watched.get(id) === those) watched.delete(id)
      }
      const watcher: Watcher = {
        person: textOf(seen),
        tell(change) {
          leave()
          onChange(change)
        },
      }
      those.add(watcher)
      until.addEventListener('abort', leave, { once: true })
    },
  }
}

function textOf({ user, groups }: SignedIn): string {
  return JSON.stringify([user, groups])
}

const words: Record<SessionEnd, string> = {
  expired: 'Your session has ended.',
  signedOut: 'You have signed out.',
  everywhere: 'You have signed out everywhere.',
  refused: 'Your organisation’s sign-in has ended your session.',
  provider: 'You have signed out at your organisation’s sign-in.',
}

function ended(reason: SessionEnd): AppError {
  return new AppError('unauthenticated', words[reason], { key: `session.${reason}` })
}

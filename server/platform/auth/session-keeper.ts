import { LRUCache } from 'lru-cache'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { batched } from '#server/platform/time/batched.ts'
import { providerAway } from './provider-failure.ts'
import { createSessionRenewals, type RenewalParts } from './session-renewals.ts'
import type { SessionEnd, SessionStore, SignedIn, StoredSession } from './session-store.ts'
import { createSessionWatchers, type Watch } from './session-watchers.ts'

export type SessionKeeper = {
  /** Who it is now. Throws `unauthenticated` with the reason where it is over, `unavailable` where nobody can say. */
  look(id: string): Promise<SignedIn>
  /** Calls back once, when the session is over or its person is no longer the one that was seen. */
  watch: Watch
  /** These changed: they are read again now for all who watch them. */
  forget(ids: string[]): void
  /** Resolves when no answer of the provider is waited for any more. */
  settled(): Promise<void>
}

const readAgainMs = 1000
const keptMax = 10_000
/** While the database is away, what was known stands so long. */
const trustedMs = 60_000
/** A request waits so long for a renewal, counted from its beginning; then the grace decides. */
const patienceMs = 3_000

/**
 * Reads sessions for all requests and streams of this process: each at most once in a second, those of one moment in
 * one query. While the provider is away, a session goes on for `graceMs` after the provider's last word on it.
 */
export function createSessionKeeper(parts: {
  store: SessionStore
  renew: RenewalParts['renew']
  isProviderAway: () => boolean
  graceMs: number
  log: Log
  signal: AbortSignal
}): SessionKeeper {
  const { store, graceMs, log, signal } = parts
  const kept = new LRUCache<string, { atMs: number; session?: StoredSession }>({ max: keptMax })
  const readOne = batched(read)
  const watchers = createSessionWatchers({ everyMs: readAgainMs, lookAt, signal })
  const renewals = createSessionRenewals({
    ...parts,
    reread: (id) => read([id]),
    current: (id) => kept.get(id)?.session,
    nextRead: watchers.nextRound,
  })

  async function read(ids: string[]): Promise<void> {
    const atMs = performance.now()
    const found = new Map((await store.read(ids)).map((one) => [one.id, one]))
    for (const id of ids) kept.set(id, { atMs, session: found.get(id) })
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

  /** The session as far as it is known now, or the renewal that is worth waiting for. */
  function judge(id: string): { session: StoredSession } | { waitMs: number; done: Promise<void> } {
    const session = standing(id)
    const { fresh } = session
    if (!fresh) return { session }
    const renewal = fresh.renewInMs > 0 ? undefined : renewals.start(session)
    if (fresh.forMs > 0) return { session }
    const waitMs = renewal ? renewal.startedMs + patienceMs - performance.now() : 0
    if (renewal && waitMs > 0) return { waitMs, done: renewal.done }
    return { session: inGrace(session) }
  }

  /** Throws where the provider has been silent on it for longer than the grace. */
  function inGrace(session: StoredSession): StoredSession {
    if (session.fresh && session.fresh.forMs + graceMs <= 0) {
      throw renewals.failureOf(session.id) ?? providerAway()
    }
    return session
  }

  async function look(id: string): Promise<SignedIn> {
    const known = kept.get(id)
    if (!known || performance.now() - known.atMs >= readAgainMs) {
      try {
        await readOne(id)
      } catch (error) {
        if (!known || performance.now() - known.atMs > trustedMs) throw error
      }
    }
    const judged = judge(id)
    if ('session' in judged) return judged.session
    await settledWithin(judged.done, judged.waitMs)
    const now = standing(id)
    return now.fresh && now.fresh.forMs <= 0 ? inGrace(now) : now
  }

  /** One round for all that are watched. It never waits for the provider. */
  async function lookAt(ids: string[]): Promise<void> {
    await read(ids).catch((error) => log.warn({ err: error }, 'session read failed'))
    for (const id of ids) watchers.tell(id, seenOf(id))
  }

  function seenOf(id: string): SignedIn | AppError | undefined {
    const known = kept.get(id)
    // Nobody can say for too long: the browser asks again.
    if (!known || performance.now() - known.atMs > trustedMs) return undefined
    try {
      const judged = judge(id)
      return 'session' in judged ? judged.session : standing(id)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return error.code === 'unauthenticated' ? error : undefined
    }
  }

  return {
    look,
    watch: watchers.watch,
    settled: renewals.settled,
    forget(ids) {
      for (const id of ids) kept.delete(id)
      watchers.lookNow()
    },
  }
}

async function settledWithin(done: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
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

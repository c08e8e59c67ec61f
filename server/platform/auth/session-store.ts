import type pg from 'pg'
import { translated } from '#server/platform/postgres/translate-failure.ts'

export type SignedIn = { user: string; name: string; groups: string[] }

/** Why one is over: its own time, a sign-out here or everywhere, the provider's refusal or its own sign-out. */
export type SessionEnd = 'expired' | 'signedOut' | 'everywhere' | 'refused' | 'provider'

export type StoredSession = SignedIn & {
  id: string
  subject?: string
  /** Of one that a provider vouches for: for how much longer, and when to ask it again. Negative is in the past. */
  fresh?: { forMs: number; renewInMs: number }
  /** For how much longer one process alone may ask the provider. */
  leasedForMs?: number
  end?: SessionEnd
}

export type NewSession = SignedIn & {
  id: string
  /** SHA-256 of the token in the cookie. */
  tokenHash: string
  lifeSeconds: number
  provider?: { subject: string; session?: string; sealed: string; freshForSeconds: number }
}

/** Who is signed in, in which browser. Every time is the database's: several web processes judge alike. */
export type SessionStore = {
  open(session: NewSession): Promise<void>
  /** The ids of the sessions of these tokens, by their hashes; none for those that are unknown. */
  idsOf(tokenHashes: string[]): Promise<Map<string, string>>
  /** Those that are known, over or not. */
  read(ids: string[]): Promise<StoredSession[]>
  /** What the provider gave; undefined where none did. */
  sealedOf(id: string): Promise<string | undefined>
  /** Does nothing to what is over already; answers the ids that this ended. */
  end(
    which: { id: string } | { person: string } | { provider: Told },
    reason: SessionEnd,
  ): Promise<string[]>
  /** What is sealed, to one process at a time until it is renewed or the lease is over; undefined for the others. */
  claimRenewal(id: string, leaseSeconds: number): Promise<string | undefined>
  /** Replaces what is sealed and extends the lease; answers whether the session was still open. */
  keepSealed(id: string, sealed: string, leaseSeconds: number): Promise<boolean>
  /** Gives the lease back after a failure; the renewal is due again after that time. */
  releaseRenewal(id: string, pauseSeconds: number): Promise<void>
  /** Answers whether the session was still open. */
  renewed(id: string, to: SignedIn & { sealed: string; freshForSeconds: number }): Promise<boolean>
}

/** What a provider says is over: one session, or all of a subject; those that began later are not meant. */
export type Told = { subject?: string; session?: string; before: Date }

type Row = {
  id: string
  person: string
  display_name: string
  groups: string[]
  subject: string | null
  fresh_ms: number | null
  renew_ms: number | null
  leased_ms: number | null
  end_reason: SessionEnd | null
}

/** Of the time that the provider vouches for: what is left is for trying again. */
const renewAtPart = 0.8

export function sessionStore(pool: pg.Pool): SessionStore {
  return {
    open: ({ id, tokenHash, user, name, groups, lifeSeconds, provider }) =>
      translated(async () => {
        await pool.query(
          `insert into sessions (id, person, display_name, groups, subject, provider_session, sealed, fresh_until, renew_from, ends_at, token_hash)
           values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), now() + make_interval(secs => $9),
             now() + make_interval(secs => $10), $11)`,
          [
            id,
            user,
            name,
            JSON.stringify(groups),
            provider?.subject ?? null,
            provider?.session ?? null,
            provider?.sealed ?? null,
            provider?.freshForSeconds ?? null,
            provider ? provider.freshForSeconds * renewAtPart : null,
            lifeSeconds,
            tokenHash,
          ],
        )
      }),

    idsOf: (hashes) =>
      translated(async () => {
        const { rows } = await pool.query<{ id: string; token_hash: string }>(
          'select id, token_hash from sessions where token_hash = any($1)',
          [hashes],
        )
        return new Map(rows.map((row) => [row.token_hash, row.id]))
      }),

    read: (ids) =>
      translated(async () => {
        const { rows } = await pool.query<Row>(
          `select id, person, display_name, groups, subject,
             extract(epoch from fresh_until - now())::float8 * 1000 as fresh_ms,
             extract(epoch from renew_from - now())::float8 * 1000 as renew_ms,
             extract(epoch from renewing_until - now())::float8 * 1000 as leased_ms,
             case when ended_at is not null then end_reason when ends_at <= now() then 'expired' end
               as end_reason
           from sessions where id = any($1)`,
          [ids],
        )
        return rows.map(sessionOf)
      }),

    sealedOf: (id) =>
      translated(async () => {
        const { rows } = await pool.query<{ sealed: string | null }>(
          'select sealed from sessions where id = $1',
          [id],
        )
        return rows[0]?.sealed ?? undefined
      }),

    end: (which, reason) =>
      translated(async () => {
        const [where, values] = conditionOf(which)
        const { rows } = await pool.query<{ id: string }>(
          `update sessions set ended_at = now(), end_reason = $1, sealed = null
           where ended_at is null and ${where} returning id`,
          [reason, ...values],
        )
        return rows.map(({ id }) => id)
      }),

    claimRenewal: (id, leaseSeconds) =>
      translated(async () => {
        const { rows } = await pool.query<{ sealed: string }>(
          `update sessions set renewing_until = now() + make_interval(secs => $2)
           where id = $1 and ended_at is null and sealed is not null and renew_from <= now()
             and (renewing_until is null or renewing_until < now())
           returning sealed`,
          [id, leaseSeconds],
        )
        return rows[0]?.sealed
      }),

    keepSealed: (id, sealed, leaseSeconds) =>
      translated(async () => {
        const { rowCount } = await pool.query(
          `update sessions set sealed = $2, renewing_until = now() + make_interval(secs => $3)
           where id = $1 and ended_at is null`,
          [id, sealed, leaseSeconds],
        )
        return rowCount === 1
      }),

    releaseRenewal: (id, pauseSeconds) =>
      translated(async () => {
        await pool.query(
          `update sessions set renewing_until = null, renew_from = now() + make_interval(secs => $2)
           where id = $1 and renewing_until is not null`,
          [id, pauseSeconds],
        )
      }),

    renewed: (id, { user, name, groups, sealed, freshForSeconds }) =>
      translated(async () => {
        const { rowCount } = await pool.query(
          `update sessions set display_name = $3, groups = $4, sealed = $5, renewing_until = null,
             fresh_until = now() + make_interval(secs => $6), renew_from = now() + make_interval(secs => $7)
           where id = $1 and person = $2 and ended_at is null`,
          [
            id,
            user,
            name,
            JSON.stringify(groups),
            sealed,
            freshForSeconds,
            freshForSeconds * renewAtPart,
          ],
        )
        return rowCount === 1
      }),
  }
}

function conditionOf(
  which: Parameters<SessionStore['end']>[0],
): [condition: string, values: unknown[]] {
  if ('id' in which) return ['id = $2', [which.id]]
  if ('person' in which) return ['person = $2', [which.person]]
  const { subject = null, session = null, before } = which.provider
  return [
    `created_at < $4 and (provider_session = $3 or ($3::text is null and subject = $2))
     and ($2::text is null or subject = $2)`,
    [subject, session, before],
  ]
}

function sessionOf(row: Row): StoredSession {
  return {
    id: row.id,
    user: row.person,
    name: row.display_name,
    groups: row.groups,
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.fresh_ms === null
      ? {}
      : { fresh: { forMs: row.fresh_ms, renewInMs: row.renew_ms ?? row.fresh_ms } }),
    ...(row.leased_ms === null || row.leased_ms <= 0 ? {} : { leasedForMs: row.leased_ms }),
    ...(row.end_reason === null ? {} : { end: row.end_reason }),
  }
}

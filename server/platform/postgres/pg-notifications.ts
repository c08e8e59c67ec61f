import pg from 'pg'
import { z } from 'zod'
import type { Log } from '#server/platform/log.ts'

export type Notice = { id: string; stop: boolean; watched?: boolean }
export type NoticeListener = (notice: Notice) => void

const channel = 'bindery_generation'
const retryMs = { first: 100, most: 5_000 }
const proveEveryMs = 15_000
/** A half-open connection is found out that much too late at worst. */
const unnoticedMs = 30_000

const noticeSchema = z.object({
  id: z.string(),
  stop: z.boolean(),
  watched: z.boolean().optional(),
})

/** Sent by itself, outside any writing transaction: a commit that notifies is serialised with all others. */
export const notifySql = `select pg_notify('${channel}', $1)`
export const noteAllSql = `select pg_notify('${channel}', one) from unnest($1::text[]) as one`

/** Any number that stands for "this process is there" among the database's advisory locks. */
const presence = 726_435
const beThereSql = `select pg_advisory_lock_shared(${presence}, hashtext($1))`

/**
 * That the connection which `listenForNotices` held for this holder has ended, which it does with its process at once. A
 * database that is up for less than `sinceMs` has not seen everybody yet.
 */
export function isAbsentSql(holder: string, sinceMs: string): string {
  return `pg_postmaster_start_time() < now() - ${sinceMs}::float8 * interval '1 millisecond'
    and not exists (
      select from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'advisory' and l.granted
        and l.objsubid = 2 and l.classid = ${presence}
        and l.objid::bigint = (hashtext(${holder})::bigint & 4294967295)
    )`
}

export function noticeText(notice: Notice): string {
  return JSON.stringify(notice)
}

/**
 * One listening connection for all listeners of this process, opened with the first. When it was lost, `missed` says
 * after reconnecting what may have been said meanwhile.
 */
export function listenForNotices(
  url: string,
  missed: (since: Date) => Promise<Notice[]>,
  signal: AbortSignal,
  log: Log | undefined,
) {
  const listeners = new Set<NoticeListener>()
  const holders = new Set<string>()
  let listening: Promise<void> | undefined
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  function tell(notice: Notice) {
    for (const listener of listeners) listener(notice)
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      application_name: 'bindery-notices',
    })
    // Set at once: an error event that nobody hears ends the process.
    let lost = false
    const lose = (error?: Error) => {
      if (lost) return
      lost = true
      if (client === next) {
        client = undefined
        if (!signal.aborted) reconnect(new Date(Date.now() - unnoticedMs), 0, error)
      }
      void next.end().catch(() => {})
    }
    next.on('error', lose)
    next.on('end', () => lose())
    next.on('notification', ({ payload }) => {
      const notice = noticeSchema.safeParse(parseJson(payload))
      if (notice.success) tell(notice.data)
    })
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
      for (const holder of holders) await next.query(beThereSql, [holder])
      if (signal.aborted || lost) throw new Error('The connection ended while it began.')
    } catch (error) {
      lose()
      throw error
    }
    client = next
    timer = setInterval(() => {
      // A half-open socket says nothing for ever; asking is the only way to know.
      next.query('select 1').catch(lose)
    }, proveEveryMs)
    next.once('end', clearInterval.bind(undefined, timer))
  }

  function reconnect(since: Date, attempt: number, error?: Error) {
    clearInterval(timer)
    if (attempt === 0) log?.warn({ err: error }, 'the connection for notices was lost')
    const waitMs = Math.min(retryMs.most, retryMs.first * 2 ** attempt) * (0.5 + Math.random() / 2)
    timer = setTimeout(async () => {
      try {
        await connect()
        for (const notice of await missed(since)) tell(notice)
      } catch {
        const half = client
        client = undefined
        void half?.end().catch(() => {})
        if (!signal.aborted) reconnect(since, attempt + 1)
      }
    }, waitMs)
  }

  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    clearInterval(timer)
    void client?.end().catch(() => {})
  })

  return async function listen(
    listener: NoticeListener,
    holder: string,
    until: AbortSignal,
  ): Promise<void> {
    if (until.aborted) return
    listeners.add(listener)
    holders.add(holder)
    await client?.query(beThereSql, [holder])
    until.addEventListener('abort', () => listeners.delete(listener), { once: true })
    listening ??= connect().catch((error) => {
      listening = undefined
      listeners.delete(listener)
      throw error
    })
    await listening
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

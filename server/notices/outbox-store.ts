import type pg from 'pg'
import { noticesKeptDays } from '#server/platform/postgres/table-retention.ts'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type { Notice } from './model/binding-notices.ts'

export type OutboxEntry = { id: string; webhook: string; notice: Notice; attempts: number }

export type WebhookState = {
  name: string
  pending: number
  sent: number
  dead: number
  lastSentAt?: Date
  lastError?: string
}

/** What is still to be told to whom. At least once each: a sender that dies is followed by another after its lease. */
export type OutboxStore = {
  /** For every place that has not been told, and that was known when it happened, within 30 days; answers how many that were. */
  enqueue(webhooks: { name: string; kinds: string[] }[], notices: Notice[]): Promise<number>
  /** Takes what is due, one sender each, for `leaseSeconds`; counts the attempt. */
  claim(webhooks: string[], limit: number, leaseSeconds: number): Promise<OutboxEntry[]>
  settle(
    id: string,
    outcome: { sent: true } | { error: string; againSeconds?: number },
  ): Promise<void>
  /** When the next is due; undefined where nothing waits. */
  nextDue(webhooks: string[]): Promise<Date | undefined>
  /** Has those tried anew that were given up, as if they were new; answers how many that are. */
  retryDead(webhook: string): Promise<number>
  states(): Promise<WebhookState[]>
}

export function outboxStore(pool: pg.Pool): OutboxStore {
  return {
    enqueue: (webhooks, notices) =>
      translated(async () => {
        if (webhooks.length === 0 || notices.length === 0) return 0
        await pool.query(
          'insert into webhooks (name) select unnest($1::text[]) on conflict do nothing',
          [webhooks.map(({ name }) => name)],
        )
        const pairs = webhooks.flatMap(({ name, kinds }) =>
          notices.filter(({ kind }) => kinds.includes(kind)).map((notice) => ({ name, notice })),
        )
        const { rowCount } = await pool.query(
          `insert into outbox (webhook, key, notice)
           select asked.webhook, asked.key, asked.notice
           from unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[])
             as asked (webhook, key, notice, at)
           join webhooks on webhooks.name = asked.webhook
           -- Kubernetes knows no fractions of a second.
           where asked.at >= date_trunc('second', webhooks.since)
             and asked.at >= now() - make_interval(days => $5)
           on conflict (webhook, key) do nothing`,
          [
            pairs.map(({ name }) => name),
            pairs.map(({ notice }) => notice.key),
            pairs.map(({ notice }) => JSON.stringify(notice)),
            pairs.map(({ notice }) => notice.at),
            noticesKeptDays / 2,
          ],
        )
        return rowCount ?? 0
      }),

    claim: (webhooks, limit, leaseSeconds) =>
      translated(async () => {
        const { rows } = await pool.query<OutboxEntry>(
          `update outbox set attempts = attempts + 1, next_at = now() + make_interval(secs => $3)
           where id in (
             select id from outbox where state = 'pending' and next_at <= now() and webhook = any($1)
             order by next_at limit $2 for update skip locked)
           returning id, webhook, notice, attempts`,
          [webhooks, limit, leaseSeconds],
        )
        return rows
      }),

    settle: (id, outcome) =>
      translated(async () => {
        if ('sent' in outcome) {
          await pool.query(
            `update outbox set state = 'sent', done_at = now(), error = null where id = $1`,
            [id],
          )
          return
        }
        const { error, againSeconds } = outcome
        await pool.query(
          `update outbox set error = $2,
             state = case when $3::float8 is null then 'dead' else state end,
             done_at = case when $3::float8 is null then now() end,
             next_at = now() + make_interval(secs => coalesce($3, 0))
           where id = $1`,
          [id, error, againSeconds ?? null],
        )
      }),

    nextDue: (webhooks) =>
      translated(async () => {
        const { rows } = await pool.query<{ next: Date | null }>(
          `select min(next_at) as next from outbox where state = 'pending' and webhook = any($1)`,
          [webhooks],
        )
        return rows[0]?.next ?? undefined
      }),

    retryDead: (webhook) =>
      translated(async () => {
        const { rowCount } = await pool.query(
          `update outbox set state = 'pending', attempts = 0, done_at = null, next_at = now()
           where state = 'dead' and webhook = $1`,
          [webhook],
        )
        return rowCount ?? 0
      }),

    states: () =>
      translated(async () => {
        const { rows } = await pool.query(
          `select name,
             count(*) filter (where state = 'pending')::int as pending,
             count(*) filter (where state = 'sent')::int as sent,
             count(*) filter (where state = 'dead')::int as dead,
             max(done_at) filter (where state = 'sent') as "lastSentAt",
             (array_agg(error order by coalesce(done_at, next_at) desc)
               filter (where error is not null))[1] as "lastError"
           from webhooks left join outbox on webhook = name group by name order by name`,
        )
        return rows.map(({ lastSentAt, lastError, ...row }) => ({
          ...row,
          lastSentAt: lastSentAt ?? undefined,
          lastError: lastError ?? undefined,
        }))
      }),
  }
}

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { tableRetention } from './table-retention.ts'

const ending = new AbortController()
let store: Store
let pool: pg.Pool

beforeAll(async () => {
  const url = await databaseUrl()
  store = await openStore(url, { signal: ending.signal })
  pool = new pg.Pool({ connectionString: url })
})
afterAll(async () => {
  ending.abort()
  await pool.end()
})

test('each table of the schema has a retention, or a reason why it does not grow for ever', async () => {
  const { rows } = await pool.query(
    "select table_name from information_schema.tables where table_schema = 'public'",
  )
  expect(rows.map((row) => row.table_name).sort()).toEqual(Object.keys(tableRetention).sort())
})

test('what goes with its parent is deleted by the database itself', async () => {
  const { rows } = await pool.query(
    `select conrelid::regclass::text as child, confdeltype as action from pg_constraint
     where contype = 'f' and connamespace = 'public'::regnamespace`,
  )
  expect(rows.length).toBeGreaterThan(5)
  expect(rows.filter(({ action }) => action !== 'c')).toEqual([])
})

const counts = async () => {
  const tables = ['usage', 'run_records', 'run_logs', 'run_log_chunks', 'outbox', 'sessions']
  const { rows } = await pool.query(
    `select ${tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')}`,
  )
  return rows[0]
}

test('rows older than the retention go, in statements of some rows, and what is younger stays', async () => {
  await pool.query(`insert into usage (namespace, binding, caller, route, ring, status, prompt_tokens,
      completion_tokens, duration_ms, at)
    select 'a', 'b', 'c', 'r', 'stable', 200, 1, 1, 1, now() - make_interval(days => days)
    from unnest(array[0, 99, 101]) as days, generate_series(1, 2500)`)
  await pool.query(`insert into run_records (uid, namespace, name, task, state, created_at, gone_at, run)
    select name, 's', name, 't', 'succeeded', now() - interval '900 days', gone, '{}'
    from (values ('present', null), ('lately', now() - interval '9 days'), ('long-ago', now() - interval '11 days'))
      as one (name, gone)`)
  await pool.query(`insert into run_logs (run_uid, part, last_row, bytes, complete)
    select uid, 'steps', 1, 1, true from run_records`)
  await pool.query(`insert into run_log_chunks (run_uid, part, first_row, last_row, bytes, data)
    select uid, 'steps', 1, 1, 1, '' from run_records`)
  await pool.query(`insert into outbox (webhook, key, notice, state)
    select 'w', days || state, jsonb_build_object('at', now() - make_interval(days => days)), state
    from unnest(array[1, 59, 61]) as days, unnest(array['pending', 'sent', 'dead']) as state`)
  await pool.query(`insert into sessions (id, person, display_name, groups, ends_at)
    select days::text, 'p', 'P', '[]', now() - make_interval(days => days)
    from unnest(array[-1, 6, 8]) as days`)

  const days = { usage: 100, runs: 10 }
  const remove = () => store.retention.removeExpired(days, new Date(), ending.signal)
  // Two leaders, for a moment.
  const removed = await Promise.all([remove(), remove()])
  const sums = ['usage', 'run_records', 'outbox', 'sessions'].map((table) =>
    removed.reduce((sum, one) => sum + (one[table] ?? 0), 0),
  )
  expect(sums).toEqual([2500, 1, 3, 1])
  expect(await counts()).toEqual({
    usage: 5000,
    run_records: 2,
    run_logs: 2,
    run_log_chunks: 2,
    outbox: 6,
    sessions: 2,
  })
  expect(await remove()).toEqual({})
})

test('a notice that was removed by age is not enqueued again', async () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString()
  await pool.query(`insert into webhooks (name, since) values ('place', now() - interval '1 year')`)
  const notice = (ago: number) => ({
    key: `u/${ago}`,
    kind: 'approved' as const,
    at: day(ago),
    namespace: 'a',
    name: 'b',
    uid: 'u',
    service: 's',
  })
  const place = [{ name: 'place', kinds: ['approved'] }]
  const enqueue = () => store.outbox.enqueue(place, [notice(1), notice(29), notice(31), notice(61)])
  expect(await enqueue()).toBe(2)
  await store.retention.removeExpired({ usage: 1, runs: 1 }, new Date(), ending.signal)
  expect(await enqueue()).toBe(0)
})

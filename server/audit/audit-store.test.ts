import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { audit } from '#server/processes/audit-verify/main.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { sha256 } from './audit-store.ts'
import { auditPageSchema } from './model/audit-query.ts'
import { type AuditEvent, genesis, hashedText } from './model/audit-record.ts'
import type { ChainHead } from './model/verify-chain.ts'
import { verifyAudit } from './verbs/verify-audit.ts'

const ending = new AbortController()
let url: string
let store: Store

beforeAll(async () => {
  url = await databaseUrl()
  store = await openStore(url, { signal: ending.signal })
})

afterAll(() => ending.abort())

function event(key: string, more: Partial<AuditEvent> = {}): AuditEvent {
  const on = { kind: 'ModelBinding', namespace: 'research-team-a', name: 'one', uid: 'u1' }
  return { key, at: '2026-11-26T10:00:00Z', what: 'approved', who: 'grace', on, ...more }
}

test('many writers make one chain, and what two of them say is kept once', async () => {
  const other = await openStore(url, { signal: ending.signal })
  const writers = [store, other, store, other]
  const counts = await Promise.all(
    writers.flatMap((writer, index) =>
      Array.from({ length: 5 }, (_, round) =>
        writer.appendAudit([event(`shared/${round}`), event(`own/${index}/${round}`)]),
      ),
    ),
  )
  expect(counts.reduce((sum, count) => sum + count)).toBe(5 + 20)
  expect(await store.appendAudit([event('shared/0'), event('twice'), event('twice')])).toBe(1)
  const { broken, head, records } = await verifyAudit(store)
  expect(broken).toBeUndefined()
  expect([head.seq, records]).toEqual([26, 26])
})

test('whatever is said comes back as it was hashed', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ why: text, who: text, detail: text, number: fc.double() }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.nat(),
      async (said, salt) => {
        const events = said.map(({ why, who, detail, number }, index) =>
          event(`said/${salt}/${index}`, {
            why: `${why}\0\ud800`,
            who,
            details: { detail, number: Number.isFinite(number) ? number : 0, list: [detail] },
          }),
        )
        const after = await store.auditHead()
        const count = await store.appendAudit(events)
        const { broken, records } = await verifyAudit(store, { after })
        expect(broken).toBeUndefined()
        expect(records).toBe(count)
      },
    ),
    { numRuns: 25 },
  )
})

test('nothing in it can be changed or taken away', async () => {
  const client = await superuser()
  for (const sql of [
    `update audit set content = '{}' where seq = 1`,
    'delete from audit where seq = 1',
    'truncate audit',
    'delete from audit_head',
    `update audit_head set seq = 0`,
    `insert into audit_head (one, seq, hash) values (false, 1, '')`,
  ]) {
    await expect(client.query(sql), sql).rejects.toThrow(/append-only|audit_head/)
  }
  await client.end()
})

test('the command says where it breaks, by words and exit code', async () => {
  const own = await databaseUrl()
  const kept = await openStore(own, { signal: ending.signal })
  await kept.appendAudit([event('a'), event('b'), event('c')])
  const { hash } = await kept.auditHead()
  const said: string[] = []
  const run = (...argv: string[]) => audit(argv, (text) => said.push(text), own)
  expect(await run()).toBe(0)
  expect(said.join('')).toBe(`The chain holds: 3 records, up to 3:${hash}\n`)
  expect(await run('--anchor', `3:${hash}`)).toBe(0)
  expect(await run('--anchor', `2:${hash}`)).toBe(1)
  expect(await run('--anchor', 'three')).toBe(2)
  said.length = 0
  expect(await run('--anchor', `9:${hash}`)).toBe(1)
  expect(said.join('')).toMatch(/^BROKEN at record 4 \(removed\): Record 9, whose hash was noted/)
  const client = await superuser(own)
  await client.query('set session_replication_role = replica')
  const [second] = await kept.listAudit({}, { before: 3, limit: 1 })
  await client.query(`update audit set content = content || '{"who": "mallory"}' where seq = 2`)
  said.length = 0
  expect(await run()).toBe(1)
  expect(said.join('')).toMatch(/^BROKEN at record 2 \(edited\): .*\n1 records before it hold/)
  expect(await kept.lastAuditCheck()).toMatchObject({ seq: 1, broken: { seq: 2, kind: 'edited' } })
  await client.query('delete from audit where seq <= 2')
  await client.end()
  said.length = 0
  expect(await run('--after', `2:${second?.hash}`, '--anchor', `1:${hash}`)).toBe(2)
  expect(said.join('')).toBe(
    `The chain holds: 1 records, up to 3:${hash}\nThe anchor 1 was not checked: it lies before the beginning, and is not there any more.\n`,
  )
  expect(await audit([], () => {}, 'postgres://nobody@127.0.0.1:1/none')).toBe(2)
})

describe('a trail that somebody tampered with who owns the database', () => {
  let own: Store
  let client: pg.Client

  beforeAll(async () => {
    const at = await databaseUrl()
    own = await openStore(at, { signal: ending.signal })
    await own.appendAudit(Array.from({ length: 6 }, (_, index) => event(`e/${index}`)))
    client = await superuser(at)
    await client.query(`alter table audit drop constraint audit_seq_check;
      create table whole as select seq, previous, hash, content from audit;
      create table whole_head as select * from audit_head;
      set session_replication_role = replica`)
  })

  beforeEach(async () => {
    await client.query(`delete from audit; delete from audit_head;
      insert into audit_head select * from whole_head;
      insert into audit (seq, previous, hash, content) select * from whole`)
  })

  afterAll(() => client.end())

  test.each([
    [
      'edited',
      3,
      `update audit set content = jsonb_set(content, '{who}', '"mallory"') where seq = 3`,
    ],
    ['edited', 2, `update audit set hash = repeat('a', 64) where seq = 2`],
    ['edited', 2, `update audit set previous = repeat('b', 64) where seq = 2`],
    ['removed', 4, 'delete from audit where seq = 4'],
    ['removed', 1, 'delete from audit where seq = 1'],
    ['removed', 5, 'delete from audit where seq >= 5'],
    [
      'reordered',
      2,
      'update audit set seq = -seq where seq in (2, 3); update audit set seq = 5 + seq where seq < 0',
    ],
    [
      'reordered',
      4,
      `delete from audit where seq = 4; update audit set seq = seq - 1 where seq > 4;
       update audit_head set seq = 5`,
    ],
  ])('%s at record %i is found out: %s', async (kind, seq, sql) => {
    await client.query(sql)
    const { broken } = await verifyAudit(own)
    expect(broken).toMatchObject({ kind, seq })
  })

  test('a record that is right in itself is found out by its place', async () => {
    const { hash } = await own.auditHead()
    await insertForged({ seq: 7, previous: hash })
    expect((await verifyAudit(own)).broken).toMatchObject({ kind: 'inserted', seq: 7 })

    await client.query('delete from audit where seq in (4, 7)')
    await insertForged({ seq: 4, previous: genesis })
    expect((await verifyAudit(own)).broken).toMatchObject({ kind: 'inserted', seq: 4 })

    const [third] = await own.listAudit({}, { before: 4, limit: 1 })
    await client.query('delete from audit where seq = 4')
    await insertForged({ seq: 4, previous: third?.hash ?? '' })
    expect((await verifyAudit(own)).broken).toMatchObject({ kind: 'inserted', seq: 5 })
  })

  test('a chain that ends otherwise than its head says is found out', async () => {
    await client.query(`update audit_head set hash = repeat('d', 64)`)
    expect((await verifyAudit(own)).broken).toMatchObject({ kind: 'edited', seq: 6 })
  })

  async function insertForged({ seq, previous }: { seq: number; previous: string }) {
    const recordedAt = '2026-11-26T10:00:00.000Z'
    const content = { ...event(`forged/${seq}/${previous}`), seq, recordedAt }
    await client.query('insert into audit (seq, previous, hash, content) values ($1, $2, $3, $4)', [
      seq,
      previous,
      sha256(hashedText(previous, content)),
      JSON.stringify(content),
    ])
  }
})

test('a chain that was written anew holds in itself, and fails at what was noted elsewhere', async () => {
  const noted = { seq: 2, hash: 'f'.repeat(64) }
  expect((await verifyAudit(store, { anchor: noted })).broken).toMatchObject({ seq: 2 })
  const [first] = await store.listAudit({}, { before: 2, limit: 1 })
  const after = { seq: 1, hash: first!.hash }
  expect((await verifyAudit(store, { after, anchor: after })).broken).toBeUndefined()
  expect((await verifyAudit(store, { after: { seq: 1, hash: noted.hash } })).broken).toMatchObject({
    seq: 2,
    kind: 'inserted',
  })
})

test('an anchor at or before the beginning is checked while its record is there, and else said not to be', async () => {
  const at = await databaseUrl()
  const own = await openStore(at, { signal: ending.signal })
  await own.appendAudit(Array.from({ length: 4 }, (_, index) => event(`e/${index}`)))
  const [fourth, third, second, first] = await own.listAudit({}, { limit: 4 })
  const other = 'f'.repeat(64)
  async function check(after: ChainHead | undefined, anchor: ChainHead) {
    const { broken, unchecked, records } = await verifyAudit(own, { after, anchor })
    return { broken, unchecked, records }
  }
  expect(await check(third, first!)).toMatchObject({ broken: undefined, records: 4 })
  expect(await check(third, third!)).toMatchObject({ broken: undefined, records: 2 })
  expect(await check(third, fourth!)).toMatchObject({ broken: undefined, records: 1 })
  const edited = (seq: number) => ({ broken: { seq, kind: 'edited' }, unchecked: undefined })
  expect(await check(third, { seq: 1, hash: other })).toMatchObject(edited(1))
  expect(await check(third, { seq: 3, hash: other })).toMatchObject(edited(3))
  expect(await check(third, { seq: 4, hash: other })).toMatchObject(edited(4))
  expect(await check({ seq: 3, hash: other }, first!), 'on the way').toMatchObject(edited(3))
  expect(await check(undefined, { seq: 0, hash: other })).toMatchObject(edited(0))
  expect(await check(undefined, { seq: 0, hash: genesis })).toMatchObject({ broken: undefined })

  // What is older was archived and deleted.
  const client = await superuser(at)
  await client.query('set session_replication_role = replica')
  await client.query('delete from audit where seq <= 3')
  await client.end()
  expect(await check(third, { seq: 3, hash: other })).toMatchObject(edited(3))
  expect(await check(third, third!)).toMatchObject({ broken: undefined, unchecked: undefined })
  expect(await check(third, second!)).toMatchObject({ broken: undefined, unchecked: { seq: 2 } })
})

test('it is searched by who, what, where, when and words, newest first and page by page', async () => {
  const own = await openStore(await databaseUrl(), { signal: ending.signal })
  const binding = { namespace: 'research-team-a', name: 'one' }
  await own.appendAudit([
    event('1', { who: 'ada', what: 'requested', binding, why: 'For 100%_sure proofs' }),
    event('2', { at: '2026-11-26T11:00:00.500Z', binding }),
    event('3', { at: '2026-11-26T11:00:01Z', who: 'bo', binding: { namespace: 'b', name: 'two' } }),
    event('4', { at: '2026-11-27T10:00:00+00:00', what: 'revoked', digest: 'sha256:abc' }),
  ])
  async function found(query: Record<string, string>) {
    const { before, limit, ...asked } = auditPageSchema.parse(query)
    return (await own.listAudit(asked, { before, limit })).map(({ seq }) => seq)
  }
  expect(await found({})).toEqual([4, 3, 2, 1])
  expect(await found({ limit: '2' })).toEqual([4, 3])
  expect(await found({ limit: '2', before: '3' })).toEqual([2, 1])
  expect(await found({ who: 'ada' })).toEqual([1])
  expect(await found({ what: 'revoked,requested' })).toEqual([4, 1])
  expect(await found({ namespace: 'research-team-a' })).toEqual([2, 1])
  expect(await found({ binding: 'two' })).toEqual([3])
  expect(await found({ text: '100%_SURE' })).toEqual([1])
  expect(await found({ text: '%' })).toEqual([1])
  expect(await found({ text: 'sha256:ABC' })).toEqual([4])
  expect(await found({ from: '2026-11-26T11:00:00Z', to: '2026-11-26T11:00:01Z' })).toEqual([2])
  expect(await found({ from: '2026-11-26T12:00:01+01:00' })).toEqual([4, 3])
  expect(await own.countAuditAfter({ who: 'grace' }, 1, 100)).toBe(2)
  expect(await own.countAuditAfter({}, 0, 3)).toBe(3)
})

async function superuser(at = url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: at })
  await client.connect()
  return client
}

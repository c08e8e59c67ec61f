import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { runAuditChainVerification } from './verify-audit-chain.ts'

const ending = new AbortController()
let url: string
let store: Store

beforeAll(async () => {
  url = await databaseUrl()
  store = await openStore(url, { signal: ending.signal })
})

afterAll(() => ending.abort())

test('the trail is verified a part at a time; what is edited behind that is found and told until it is mended', async () => {
  const term = new AbortController()
  const told: [number, boolean][] = []
  const reading: Pick<Store, 'readAudit' | 'recordAuditCheck'> = {
    recordAuditCheck: store.recordAuditCheck,
    async *readAudit(after) {
      for await (const page of store.readAudit(after)) {
        yield page
      }
    },
  }
  await append(0, 2_500)
  const kept = runAuditChainVerification(
    { log: createLog('test', 'silent'), now: () => new Date(), signal: term.signal },
    () => reading,
    { verified: (seq, _at, broken) => void told.push([seq, broken]) },
    { everyMs: 20, behindMs: 10, recordsMax: 1_000 },
  )
  await vi.waitFor(() => expect(told.at(-1)).toEqual([2_500, false]), { timeout: 40_000 })
  expect(await store.lastAuditCheck()).toMatchObject({ seq: 2_500, broken: undefined })
  await append(2_500, 1)
  await vi.waitFor(() => expect(told.at(-1)).toEqual([2_501, false]), { timeout: 40_000 })

  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const edit = (who: string) =>
    client.query(
      `alter table audit disable trigger all;
       update audit set content = jsonb_set(content, '{who}', '"${who}"') where seq = 1200;
       alter table audit enable trigger all`,
    )
  await edit('mallory')
  await vi.waitFor(() => expect(told.at(-1)).toEqual([1_199, true]), { timeout: 40_000 })
  expect(await store.lastAuditCheck()).toMatchObject({
    seq: 1_199,
    broken: { seq: 1_200, kind: 'edited' },
  })
  // What comes after it does not make it whole.
  const count = told.length
  await append(2_501, 1)
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(count + 5), { timeout: 40_000 })
  expect(told.slice(count).every(([, broken]) => broken)).toBe(true)

  await edit('grace')
  await client.end()
  await vi.waitFor(() => expect(told.at(-1)).toEqual([2_502, false]), { timeout: 40_000 })
  expect(await store.lastAuditCheck()).toMatchObject({ seq: 2_502, broken: undefined })
  term.abort()
  await kept
})

async function append(from: number, count: number): Promise<void> {
  const on = { kind: 'ModelBinding', namespace: 'research-team-a', name: 'one', uid: 'u1' }
  const events = Array.from({ length: count }, (_, index) => ({
    key: `chain/${from + index}`,
    at: '2026-11-26T10:00:00Z',
    what: 'approved' as const,
    who: 'grace',
    on,
  }))
  await store.appendAudit(events)
}

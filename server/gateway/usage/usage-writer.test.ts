import { expect, onTestFinished, test } from 'vitest'
import { dayUses } from '#server/gateway/admission/day-use.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import type { UsageRecord } from '#server/usage/model/usage-record.ts'
import { usageWriter } from './usage-writer.ts'

const log = createLog('test', 'fatal')
const binding = { namespace: 'research-team-a', name: 'vibethinker' }

function record(caller: string, at: Date): UsageRecord {
  const about = { namespace: binding.namespace, binding: binding.name, caller, at }
  const counted = { promptTokens: 10, completionTokens: 20, durationMs: 1 }
  return { ...about, ...counted, route: '/v1/completions', ring: 'stable', status: 200 }
}

async function open() {
  const ending = new AbortController()
  const store = await openStore(await databaseUrl(), { signal: ending.signal })
  onTestFinished(async () => {
    ending.abort()
    await store.close()
  })
  return { store, signal: ending.signal }
}

test('usage waits for a store that is away; what it will never take holds up nothing', async () => {
  const { store, signal } = await open()
  let there: Store | undefined
  const writer = usageWriter(() => there, log, signal)
  const written: string[] = []
  for (const caller of ['ada', 'no\0body', 'bo']) {
    writer.write(record(caller, new Date()), () => written.push(caller))
  }
  expect(written).toEqual([])
  there = store
  await writer.flush(signal)
  expect(written).toEqual(['ada', 'bo'])
  expect(writer.dropped()).toBe(1)
  expect((await store.usageOf(binding, new Date(0))).requests).toBe(2)
})

test('the tokens of a day: from the store, used here, running; a new day begins with what runs', async () => {
  const { store } = await open()
  let now = new Date('2026-11-24T23:59:00Z')
  await store.recordUsage(record('ada', new Date('2026-11-24T00:00:00Z')))
  await store.recordUsage(record('ada', new Date('2026-11-23T23:59:59Z')))
  const uses = dayUses(
    () => store,
    log,
    () => now,
  )
  const day = await uses.of(binding)
  expect(day.used()).toBe(30)
  day.add(7)
  expect(day.used()).toBe(37)
  day.settle(7, 50)
  expect(day.used()).toBe(80)
  // An answer begins before midnight and ends after it.
  day.add(5)
  now = new Date('2026-11-25T00:00:01Z')
  const next = await uses.of(binding)
  expect(next.used()).toBe(5)
  next.settle(5, 9)
  expect(next.used()).toBe(9)
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { createStorageLimit } from './storage-limit.ts'

const ending = new AbortController()
let store: Store

beforeAll(async () => {
  store = await openStore(await databaseUrl(), { signal: ending.signal })
})
afterAll(() => ending.abort())

/** Random, so that PostgreSQL makes it no smaller. */
const text = (kibibytes: number) =>
  Array.from({ length: kibibytes * 28 }, () => randomUUID()).join(' ')

async function ask(owner: string, kibibytes: number): Promise<string> {
  const id = randomUUID()
  await store.createTurn({
    conversation: { id, owner, title: 't' },
    question: { id: randomUUID(), text: text(kibibytes) },
    generations: [],
    holder: 'h',
  })
  return id
}

test('what a person keeps is counted in PostgreSQL, and no other one for it', async () => {
  expect(await store.storedBytesOf('ana')).toBe(0)
  const first = await ask('ana', 100)
  await ask('ana', 50)
  await ask('ben', 10)
  const kib = async (owner: string) => (await store.storedBytesOf(owner)) / 1024
  expect(await kib('ana')).toBeGreaterThan(100)
  expect(await kib('ana')).toBeLessThan(200)
  await store.deleteConversation(first)
  expect(await kib('ana')).toBeLessThan(70)
})

test('what does not fit is refused, in a burst too, until something is deleted', async () => {
  const limit = createStorageLimit(store, 1)
  const first = await ask('eve', 500)
  const burst: string[] = []
  for (let i = 0; i < 10; i++) {
    const outcome = await limit.take('eve', 120 * 1024).then(
      () => ask('eve', 100),
      (error) => error.details.key,
    )
    burst.push(outcome)
  }
  expect(burst.filter((one) => one !== 'generation.storageFull').length).toBeLessThan(6)
  await expect(limit.take('eve', 200 * 1024)).rejects.toMatchObject({
    code: 'quota-exhausted',
    details: { values: { max: 1 } },
  })
  await limit.take('ben', 200 * 1024)
  await store.deleteConversation(first)
  await limit.take('eve', 300 * 1024)
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'

const ending = new AbortController()
let store: Store
beforeAll(async () => {
  store = await openStore(await databaseUrl(), { signal: ending.signal })
})
afterAll(async () => {
  ending.abort()
  await store.close()
})

const content = {
  title: 'Number theory',
  description: 'For the seminar.',
  systemPrompt: 'You solve problems of number theory.',
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 40_960, stop: ['QED'], seed: 7 },
}

test('a preset keeps every version, and a restored one is a new one', async () => {
  const id = randomUUID()
  expect(await store.createPreset(id, 'ada', content)).toMatchObject({ ...content, version: 1 })
  const edited = { ...content, title: 'Primes' }
  expect(await store.addPresetVersion(id, 'ada', { after: 1, content: edited })).toMatchObject({
    version: 2,
    title: 'Primes',
  })
  await store.addPresetVersion(id, 'ada', { after: 2, content, restored: 1 })
  const found = await store.findPreset(id, 'ada')
  expect(found).toMatchObject({ ...content, version: 3 })
  expect(found?.versions.map(({ version, title, restored }) => [version, title, restored])).toEqual(
    [
      [3, 'Number theory', 1],
      [2, 'Primes', undefined],
      [1, 'Number theory', undefined],
    ],
  )
})

test('of two edits of one version at once, one is told that it came too late', async () => {
  const id = randomUUID()
  await store.createPreset(id, 'ada', content)
  const edits = ['a', 'b', 'c', 'd'].map((title) =>
    store.addPresetVersion(id, 'ada', { after: 1, content: { ...content, title } }),
  )
  const told = await Promise.all(edits)
  expect(told.filter((view) => view !== undefined)).toHaveLength(1)
  expect((await store.findPreset(id, 'ada'))?.versions).toHaveLength(2)
})

test('what is another person’s is neither seen, changed nor deleted', async () => {
  const id = randomUUID()
  await store.createPreset(id, 'ada', content)
  expect(await store.findPreset(id, 'bo')).toBeUndefined()
  expect(await store.addPresetVersion(id, 'bo', { after: 1, content })).toBeUndefined()
  await store.deletePreset(id, 'bo')
  expect((await store.listPresets('ada')).map((one) => one.id)).toContain(id)
  expect(await store.listPresets('bo')).toEqual([])
  await store.deletePreset(id, 'ada')
  expect(await store.findPreset(id, 'ada')).toBeUndefined()
})

test('of very many versions the newest hundred stay', async () => {
  const id = randomUUID()
  await store.createPreset(id, 'lin', content)
  for (let after = 1; after <= 105; after++) {
    await store.addPresetVersion(id, 'lin', { after, content })
  }
  const versions = (await store.findPreset(id, 'lin'))?.versions ?? []
  expect(versions).toHaveLength(100)
  expect(versions[0]?.version).toBe(106)
})

import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { sessionFinder } from './session-finder.ts'

const newToken = () => randomBytes(32).toString('base64url')
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')

/** A database that answers when the test lets it. */
function scene(known: Record<string, string>) {
  const queries: { hashes: string[]; answer: () => void }[] = []
  const find = sessionFinder(
    (hashes) =>
      new Promise((resolve) => {
        const found = hashes.flatMap((hash) => (known[hash] ? [[hash, known[hash]] as const] : []))
        queries.push({ hashes, answer: () => resolve(new Map(found)) })
      }),
  )
  return { queries, find }
}

test('a token is looked up once, and text that is no token never', async () => {
  const token = newToken()
  const { queries, find } = scene({ [hashOf(token)]: 'of ada' })
  const first = find(token)
  await expect.poll(() => queries.length).toBe(1)
  queries[0]?.answer()
  expect(await first).toBe('of ada')
  expect(await find(token)).toBe('of ada')
  for (const wrong of [undefined, '', 'short', `${token}=`, `${token}A`, `${token.slice(1)} `]) {
    expect(await find(wrong)).toBeUndefined()
  }
  expect(queries).toHaveLength(1)
})

test('however many tokens are invented, one query runs at a time', async () => {
  const good = newToken()
  const { queries, find } = scene({ [hashOf(good)]: 'of ada' })
  const first = find(newToken())
  await expect.poll(() => queries.length).toBe(1)
  const many = Array.from({ length: 300 }, () => find(newToken()))
  const ada = find(good)
  queries[0]?.answer()
  expect(await first).toBeUndefined()
  await expect.poll(() => queries.length).toBe(2)
  expect(queries[1]?.hashes).toHaveLength(301)
  queries[1]?.answer()
  expect(await ada).toBe('of ada')
  expect(new Set(await Promise.all(many))).toEqual(new Set([undefined]))
})

import { afterEach, expect, test } from 'vitest'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { type AccessReviews, accessReviews } from './access-reviews.ts'
import { connectKube } from './connect-kube.ts'
import type { AccessQuestion } from './kube.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

const question: AccessQuestion = {
  user: 'ada',
  groups: ['research-team-a', 'system:authenticated'],
  verb: 'approve',
  group: 'bindery.dev',
  resource: 'modelbindings',
  namespace: 'research-team-a',
}

const mayBy =
  (reviews: AccessReviews) =>
  ({ user, groups, ...attributes }: AccessQuestion) =>
    reviews.of({ user, groups }).may(attributes)

async function reviewer(answer: () => { status: number; allowed?: boolean }) {
  const asked: unknown[] = []
  const server = await startScripted(async (request, response) => {
    asked.push(JSON.parse(await bodyOf(request)).spec)
    const { status, allowed } = answer()
    sendJson(response, status, { status: { allowed } })
  })
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times: { retriesMax: 0 } })
  stop = async () => {
    await kube.close()
    await server.close()
  }
  return { kube, asked }
}

test('many who ask the same at once are one review, kept for its time and no longer', async () => {
  let allowed = true
  let now = 0
  const { kube, asked } = await reviewer(() => ({ status: 201, allowed }))
  const reviews = accessReviews(kube, { now: () => now })
  const reordered = { ...question, groups: [...question.groups].reverse() }
  const answers = await Promise.all([question, reordered, question].map(mayBy(reviews)))
  expect(answers).toEqual([true, true, true])
  const { user, groups, ...resourceAttributes } = question
  expect(asked).toEqual([{ user, groups, resourceAttributes }])

  allowed = false
  now = 9_999
  expect(await mayBy(reviews)(question)).toBe(true)
  now = 10_001
  expect(await mayBy(reviews)(question)).toBe(false)
  expect(asked).toHaveLength(2)
})

test('a failure is told and not kept', async () => {
  let status = 500
  const { kube } = await reviewer(() => ({ status, allowed: true }))
  const reviews = accessReviews(kube)
  await expect(mayBy(reviews)(question)).rejects.toMatchObject({ code: 'unavailable' })
  status = 201
  expect(await mayBy(reviews)(question)).toBe(true)
})

test('the memory is bounded, and different questions never share an answer', async () => {
  const { kube, asked } = await reviewer(() => ({ status: 201, allowed: true }))
  const reviews = accessReviews(kube, { entriesMax: 2 })
  for (const name of ['a', 'b', 'c', 'a']) await mayBy(reviews)({ ...question, name })
  expect(asked).toHaveLength(4)
  await mayBy(reviews)({ ...question, user: 'bo', name: 'a' })
  expect(asked).toHaveLength(5)
})

test('a person without a name may do nothing, and nobody is asked', async () => {
  const { kube, asked } = await reviewer(() => ({ status: 201, allowed: true }))
  expect(await kube.mayAccess({ ...question, user: '' })).toBe(false)
  expect(asked).toEqual([])
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as later } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { accessReviews } from './access-reviews.ts'
import type { RbacIndex } from './rbac-index.ts'

afterEach(() => vi.useRealTimers())

const list = { verb: 'list', group: 'bindery.dev', resource: 'modelbindings' }
const everyone = Array.from({ length: 100 }, (_, i) => ({ user: `person-${i}`, groups: ['all'] }))
const namespaces = Array.from({ length: 200 }, (_, i) => `team-${i}`)

/** RBAC that stands still; each person is named in four namespaces, or in all. */
function standing(everywhere: boolean): RbacIndex {
  return {
    isCurrent: () => true,
    names: (subjects, namespace) => {
      const number = Number(namespace.slice('team-'.length))
      return (
        everywhere ||
        subjects.has(`User:person-${number % 100}`) ||
        subjects.has(`User:person-${(number + 1) % 100}`)
      )
    },
    subscribe: () => {},
  }
}

test.each([
  ['four namespaces each', false],
  ['all 200 namespaces each', true],
])(
  '100 people whose lists look again, with %s: under 20 reviews a second',
  async (_, everywhere) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const ended = new AbortController()
    onTestFinished(() => ended.abort())
    let asked = 0
    const mayAccess = async ({ namespace = '' }) => {
      asked++
      return namespace !== ''
    }
    const rbac = standing(everywhere)
    const reviews = accessReviews({ mayAccess }, { rbac, signal: ended.signal })
    const people = everyone.map((identity) => reviews.of(identity))
    const lookAgain = async () => {
      for (const person of people) {
        await Promise.all(namespaces.map((namespace) => person.mayCached({ ...list, namespace })))
      }
    }
    await lookAgain()
    expect(asked).toBe(100 + 100 * (everywhere ? 200 : 4))

    asked = 0
    const seconds = 60
    for (let second = 0; second < seconds; second += 30) {
      await vi.advanceTimersByTimeAsync(30_000)
      await lookAgain()
    }
    expect(asked).toBeGreaterThan(0)
    expect(asked / seconds).toBeLessThan(20)
  },
)

test('what is refused without a change of RBAC is found in the rounds, and told', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const ended = new AbortController()
  onTestFinished(() => ended.abort())
  let allowed = true
  const told: string[] = []
  const mayAccess = async ({ namespace = '' }) => namespace !== '' && allowed
  const reviews = accessReviews({ mayAccess }, { rbac: standing(true), signal: ended.signal })
  reviews.onChange((affects) => {
    told.push(...everyone.filter(affects).map(({ user }) => user))
  }, ended.signal)
  const person = reviews.of({ user: 'person-7', groups: ['all'] })
  const may = () => person.mayCached({ ...list, namespace: 'team-1' })
  expect(await may()).toBe(true)
  allowed = false
  await vi.advanceTimersByTimeAsync(31_000)
  expect(told).toEqual(['person-7'])
  expect(await may()).toBe(false)
})

test('an answer that is kept holds nothing of the request that asked', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const requests = new AsyncLocalStorage<object>()
  const collected = vi.fn()
  const registry = new FinalizationRegistry(collected)
  const mayAccess = async () => {
    await later(1)
    return true
  }
  const reviews = accessReviews({ mayAccess })
  const person = reviews.of({ user: 'ada', groups: [] })
  const times = 50
  for (let i = 0; i < times; i++) {
    const request = { body: new Array(1000).fill(i) }
    registry.register(request, i)
    await requests.run(request, () => person.may({ ...list, namespace: `team-${i}` }))
  }
  await expect
    .poll(() => {
      collect()
      return collected.mock.calls.length
    })
    .toBeGreaterThan(times - 5)
})

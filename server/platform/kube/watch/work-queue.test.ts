import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { workQueue } from './work-queue.ts'

let ending = new AbortController()
afterEach(() => {
  ending.abort()
  ending = new AbortController()
})

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('a key is worked on by one at a time; asked for meanwhile, it is done once more', async () => {
  const first = gate()
  const seen: string[] = []
  const queue = workQueue({
    signal: ending.signal,
    async process(key) {
      seen.push(key)
      if (seen.length === 1) await first.opened
    },
  })
  queue.add('a')
  for (let times = 0; times < 5; times++) queue.add('a')
  queue.add('b')
  expect(seen).toEqual(['a', 'b'])
  first.open()
  await queue.idle()
  expect(seen).toEqual(['a', 'b', 'a'])
})

test('a failure is repeated until it succeeds, then forgotten', async () => {
  const attempts: number[] = []
  let left = 3
  const queue = workQueue({
    signal: ending.signal,
    retryBaseMs: 1,
    onError: (_key, _error, attempt) => attempts.push(attempt),
    async process() {
      if (left-- > 0) throw new Error('not yet')
    },
  })
  queue.add('a')
  await expect.poll(() => left).toBe(-1)
  left = 1
  queue.add('a')
  await expect.poll(() => left).toBe(-1)
  expect(attempts).toEqual([1, 2, 3, 1])
})

test('what gets on between its failures is repeated as soon as after the first', async () => {
  const attempts: number[] = []
  let left = 4
  const queue = workQueue({
    signal: ending.signal,
    retryBaseMs: 1,
    onError: (_key, _error, attempt) => attempts.push(attempt),
    async process(_key, _signal, gotOn) {
      left -= 1
      if (left === 2) gotOn()
      if (left > 0) throw new Error('not yet')
    },
  })
  queue.add('a')
  await expect.poll(() => left).toBe(0)
  expect(attempts).toEqual([1, 1, 2])
})

test('of several times for one key the earliest stands; far ones do not fire at once', async () => {
  const seen: string[] = []
  const queue = workQueue({
    signal: ending.signal,
    process: async (key) => void seen.push(key),
  })
  queue.addAfter('year', 365 * 24 * 3600 * 1000)
  queue.addAfter('soon', 3_600_000)
  queue.addAfter('soon', 5)
  queue.addAfter('soon', 7_200_000)
  await expect.poll(() => seen).toEqual(['soon'])
  expect(seen).toEqual(['soon'])
})

test('the end of the signal drops what waits and waits for what runs', async () => {
  const running = gate()
  const seen: string[] = []
  const queue = workQueue({
    signal: ending.signal,
    concurrency: 1,
    async process(key) {
      await running.opened
      seen.push(key)
    },
  })
  queue.add('a')
  queue.add('b')
  ending.abort()
  queue.add('c')
  running.open()
  await queue.done
  expect(seen).toEqual(['a'])
})

test('never the same key twice at once, never more than the concurrency, nothing forgotten', async () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 3 }), async (asked, concurrency) => {
      const owner = new AbortController()
      const running = new Set<string>()
      const lastSeen = new Map<string, number>()
      let clock = 0
      const queue = workQueue({
        signal: owner.signal,
        concurrency,
        async process(key) {
          expect(running.has(key)).toBe(false)
          running.add(key)
          expect(running.size).toBeLessThanOrEqual(concurrency)
          lastSeen.set(key, clock++)
          await Promise.resolve()
          running.delete(key)
        },
      })
      const lastAsked = new Map<string, number>()
      for (const key of asked) {
        lastAsked.set(key, clock)
        queue.add(key)
        if (clock % 3 === 0) await Promise.resolve()
      }
      await queue.idle()
      for (const [key, at] of lastAsked) expect(lastSeen.get(key)).toBeGreaterThanOrEqual(at)
      owner.abort()
    }),
  )
})

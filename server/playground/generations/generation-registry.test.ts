import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { TokenDelta } from '#server/platform/inference/model/generation-usage.ts'
import { AppError } from '#server/platform/model/errors.ts'
import {
  type Answer,
  emptyAnswer,
  type NumberedEvent,
  reduceTokens,
} from '#server/playground/model/token-stream.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import {
  begin,
  engine,
  openProcess,
  readAll,
  times,
  token,
} from '#server/testing/playground/registry-fixture.ts'
import { firstTurn } from '#server/testing/playground/turn-fixture.ts'

test('viewers here, in another process and after the end read the same answer', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one')
  const two = await openProcess(url, 'two')
  const { id, model } = await begin(one)
  const here = readAll(one.hub, id)
  const there = readAll(two.hub, id)
  model.say({ type: 'delta', delta: { reasoning: 'Let us see.' } })
  for (const word of ['x', ' =', ' 2']) model.say(token(word))
  model.say({ type: 'finish', reason: 'stop' })
  model.say({ type: 'usage', promptTokens: 3, completionTokens: 7 }, 'end')

  const { answer } = await here
  expect(answer).toMatchObject({
    reasoning: 'Let us see.',
    content: 'x = 2',
    end: { state: 'done', finishReason: 'stop' },
    usage: { promptTokens: 3, completionTokens: 7, ttftMs: expect.any(Number) },
  })
  expect((await there).answer).toEqual(answer)
  await vi.waitFor(async () => {
    expect(await one.store.findGeneration(id)).toMatchObject({ state: 'done' })
  }, 30_000)
  expect((await readAll(two.hub, id)).answer).toEqual(answer)
})

test('a viewer that comes back is told only what it missed', async () => {
  const one = await openProcess(await databaseUrl(), 'one')
  const { id, model } = await begin(one)
  model.say(token('a'))
  const first = one.hub.follow(id, 0, new AbortController().signal)[Symbol.asyncIterator]()
  const batch: NumberedEvent[] = (await first.next()).value
  await first.return?.()
  model.say(token('b'), { type: 'finish', reason: 'stop' }, 'end')
  const { answer, seen } = await readAll(one.hub, id, batch.at(-1)?.seq)
  expect(answer.content).toBe('b')
  expect(seen.every(({ seq }) => seq > (batch.at(-1)?.seq ?? 0))).toBe(true)
})

test('who leaves and comes back anywhere, here or in another process, reads each token once', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one')
  const two = await openProcess(url, 'two')
  const delta: fc.Arbitrary<TokenDelta> = fc.oneof(
    fc.record({ reasoning: fc.string({ minLength: 1, maxLength: 3 }) }),
    fc.record({ content: fc.string({ minLength: 1, maxLength: 3 }) }),
    fc.constant({ moved: true, reasoning: '!' }),
  )
  const visit = fc.record({ there: fc.boolean(), batches: fc.integer({ min: 1, max: 3 }) })
  const run = fc.asyncProperty(
    fc.array(delta, { minLength: 1, maxLength: 12 }),
    fc.array(visit, { maxLength: 5 }),
    async (deltas, visits) => {
      const { id, model } = await begin(one)
      const whole = deltas.reduce<Answer>(
        (answer, data, index) => reduceTokens(answer, index + 1, { event: 'delta', data }),
        emptyAnswer,
      )
      let answer = emptyAnswer
      const viewing = (async () => {
        for (const { there, batches } of [...visits, { there: false, batches: 1000 }]) {
          const { hub } = there ? two : one
          let left = batches
          for await (const batch of hub.follow(id, answer.seq, new AbortController().signal)) {
            for (const { seq, event } of batch) {
              expect(seq).toBeGreaterThan(answer.seq)
              answer = reduceTokens(answer, seq, event)
            }
            if (--left === 0 || answer.end) break
          }
          if (answer.end) return
        }
      })()
      for (const data of deltas) {
        model.say({ type: 'delta', delta: data })
        await new Promise((resolve) => setImmediate(resolve))
      }
      model.say({ type: 'finish', reason: 'stop' }, 'end')
      await viewing
      const { reasoning, content } = whole
      expect(answer).toMatchObject({ reasoning, content, end: { state: 'done' } })
    },
  )
  await fc.assert(run, { numRuns: 12 })
})

test('Stop, asked of any process, stops the engine and keeps what was said', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one')
  const two = await openProcess(url, 'two')
  const { id, model } = await begin(one)
  model.say(token('half'))
  await two.hub.stop(id)
  const { answer } = await readAll(two.hub, id)
  expect(model.isAborted()).toBe(true)
  expect(answer).toMatchObject({
    content: 'half',
    end: { state: 'stopped' },
    usage: { completionTokens: 1, estimated: true },
  })
})

test('what the store does not take is not written on', async () => {
  const one = await openProcess(await databaseUrl(), 'one')
  const model = engine()
  const stored = Promise.reject(new AppError('unavailable', 'no database'))
  one.hub.start({ id: 'x', owner: 'ada', askedMs: 0, maxTokens: 10, stored }, model.ask)
  model.say(token('half'))
  await vi.waitFor(() => expect(model.isAborted()).toBe(true), 30_000)
  await vi.waitFor(() => expect(one.hub.ownerOf('x')).toBeUndefined(), 30_000)
})

test('an error in the middle ends the answer and is kept with it', async () => {
  const one = await openProcess(await databaseUrl(), 'one')
  const { id, model } = await begin(one)
  model.say(token('half'), new AppError('unavailable', 'out of memory'))
  const { answer } = await readAll(one.hub, id)
  expect(answer).toMatchObject({
    content: 'half',
    end: { state: 'failed', error: { code: 'unavailable', message: 'out of memory' } },
  })
})

test('what nobody watches is stopped; a viewer in another process counts', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one', { unwatchedStopMs: 2000 })
  const two = await openProcess(url, 'two')
  const watched = await begin(one)
  const viewer = readAll(two.hub, watched.id)
  const alone = await begin(one)
  await vi.waitFor(() => expect(alone.model.isAborted()).toBe(true), 30_000)
  expect(watched.model.isAborted()).toBe(false)
  watched.model.say(token('still'), { type: 'finish', reason: 'stop' }, 'end')
  expect((await viewer).answer).toMatchObject({ content: 'still', end: { state: 'done' } })
  expect((await readAll(two.hub, alone.id)).answer.end).toMatchObject({ finishReason: 'unwatched' })
})

test('what a dead process left is interrupted, and its viewers are told', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one', { deadAfterMs: 500 })
  const turn = firstTurn({ holder: 'dead' })
  await one.store.createTurn(turn)
  const id = turn.generations[0]!.id
  await one.store.appendEvents(id, 1, [{ event: 'delta', data: { content: 'half' } }])
  const { answer } = await readAll(one.hub, id)
  expect(answer).toMatchObject({ content: 'half', end: { state: 'interrupted' } })
})

test('of a process that was killed it is said soon, first that it is away, then that it is gone', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one')
  const two = await openProcess(url, 'two', {
    awayAfterMs: 500,
    goneAfterMs: 2000,
    lookEveryMs: 50,
  })
  const { id, model } = await begin(one)
  const there = readAll(two.hub, id)
  model.say(token('half'))
  await vi.waitFor(async () => expect(await two.store.readEvents(id, 0)).not.toEqual([]), 30_000)
  one.end()
  const { answer, seen } = await there
  expect(answer).toEqual({
    ...emptyAnswer,
    seq: 2,
    content: 'half',
    end: { state: 'interrupted' },
  })
  expect(seen.map(({ event: { event } }) => event)).toEqual(['delta', 'away', 'end'])
  // Long before it would have been taken for dead without a trace.
  const { quietMs = Number.NaN } = (await two.store.findGeneration(id)) ?? {}
  expect(quietMs).toBeLessThan(times.deadAfterMs)
})

test('a process that is too busy to give a sign of life is away, but not gone', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one', { beatMs: 60_000 })
  const two = await openProcess(url, 'two', { awayAfterMs: 200, goneAfterMs: 300, lookEveryMs: 50 })
  const { id, model } = await begin(one)
  let answer = emptyAnswer
  const there = (async () => {
    for await (const batch of two.hub.follow(id, 0, new AbortController().signal)) {
      for (const { seq, event } of batch) answer = reduceTokens(answer, seq, event)
    }
  })()
  model.say(token('half'))
  await vi.waitFor(() => expect(answer).toMatchObject({ content: 'half', away: true }), 30_000)
  // The database is up for long enough to have seen everybody.
  await vi.waitFor(async () => {
    const found = await two.store.findGeneration(id)
    expect(found?.quietMs).toBeGreaterThan(2000)
  }, 30_000)
  expect(await two.store.interruptOrphans(60_000, 300)).toEqual([])
  expect(answer).toMatchObject({ content: 'half', away: true })
  model.say(token(' and half'))
  await vi.waitFor(() => expect(answer.content).toBe('half and half'), 30_000)
  model.say({ type: 'finish', reason: 'stop' }, 'end')
  await there
  expect(answer).toMatchObject({ content: 'half and half', end: { state: 'done' } })
  expect(answer.away).toBeUndefined()
})

test('a process that ends interrupts what it streams and stores that', async () => {
  const one = await openProcess(await databaseUrl(), 'one')
  const { id, model } = await begin(one)
  model.say(token('half'))
  await one.hub.follow(id, 0, new AbortController().signal)[Symbol.asyncIterator]().next()
  await one.hub.drain(0)
  expect(await one.store.findGeneration(id)).toMatchObject({ state: 'interrupted' })
  expect((await readAll(one.hub, id)).answer).toMatchObject({
    content: 'half',
    end: { state: 'interrupted' },
  })
})

test('a process that comes to its end lets answers finish, those too that begin meanwhile', async () => {
  const one = await openProcess(await databaseUrl(), 'web-1')
  const first = await begin(one)
  let drained = false
  const draining = one.hub.drain(60_000).then(() => {
    drained = true
  })
  const second = await begin(one)
  first.model.say(token('First.'), 'end')
  expect((await readAll(one.hub, first.id)).answer.end?.state).toBe('done')
  await vi.waitFor(() => expect(one.hub.ownerOf(first.id)).toBeUndefined(), 30_000)
  expect(drained).toBe(false)
  second.model.say(token('Second.'), 'end')
  await draining
  expect((await readAll(one.hub, second.id)).answer).toMatchObject({ end: { state: 'done' } })
})

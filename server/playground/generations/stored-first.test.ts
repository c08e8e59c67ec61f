import { expect, onTestFinished, test, vi } from 'vitest'
import { emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { begin, openProcess, readAll, token } from '#server/testing/playground/registry-fixture.ts'
import { openWay } from '#server/testing/tcp-fault-proxy.ts'
import type { GenerationRegistry } from './generation-registry.ts'

test('what a viewer is shown would survive its process: it is stored', async () => {
  const url = await databaseUrl()
  const one = await openProcess(url, 'one')
  const two = await openProcess(url, 'two')
  const { id, model } = await begin(one)
  let said = 0
  const saying = setInterval(() => {
    model.say(token(`${said++} `))
    if (said === 60) model.say({ type: 'finish', reason: 'stop' }, 'end')
  }, 5)
  onTestFinished(() => clearInterval(saying))
  let answer = emptyAnswer
  for await (const batch of one.hub.follow(id, 0, new AbortController().signal)) {
    for (const { seq, event } of batch) answer = reduceTokens(answer, seq, event)
    const stored = (await two.store.readEvents(id, 0)).at(-1)
    expect(stored?.seq).toBeGreaterThanOrEqual(answer.seq)
    // Who has read the end may ask the next question at once.
    if (answer.end) expect(await two.store.findGeneration(id)).toMatchObject({ state: 'done' })
    if (answer.end) break
  }
  clearInterval(saying)
  expect(answer).toMatchObject({ content: Array.from(Array(60).keys(), (n) => `${n} `).join('') })
})

test('a database that is away holds no answer back: it is shown as unsaved, and stored when there is one', async () => {
  const direct = await databaseUrl()
  const way = await openWay(direct)
  onTestFinished(() => way.close())
  const slow = { unsavedAfterMs: 100, deadAfterMs: 200, lookEveryMs: 100 }
  const one = await openProcess(way.url, 'one', slow)
  const two = await openProcess(way.url, 'two', slow)
  const { id, model } = await begin(one)
  model.say(token('a'))
  const watch = (hub: GenerationRegistry) => {
    const seen = { answer: emptyAnswer, wasUnsaved: false, over: Promise.resolve() }
    seen.over = (async () => {
      for await (const batch of hub.follow(id, 0, new AbortController().signal)) {
        for (const { seq, event } of batch) seen.answer = reduceTokens(seen.answer, seq, event)
        seen.wasUnsaved ||= seen.answer.kept !== undefined
      }
    })()
    return seen
  }
  const [here, there] = [watch(one.hub), watch(two.hub)]
  const shows = (who: typeof here, answer: object) =>
    vi.waitFor(() => expect(who.answer).toMatchObject(answer), 30_000)
  await shows(here, { content: 'a' })
  await shows(there, { content: 'a' })

  way.cut()
  model.say(token('b'))
  await shows(here, { content: 'ab', kept: { content: 'a' } })
  const { seq } = here.answer
  model.say(token('c'), { type: 'finish', reason: 'stop' }, 'end')
  await shows(here, { seq, content: 'abc', end: { state: 'done' }, kept: { content: 'a' } })
  const late = watch(one.hub)
  await shows(late, { seq, content: 'abc', kept: { content: 'a' } })
  expect(there.answer.content).toBe('a')
  await vi.waitFor(() => expect(one.store.ping()).rejects.toThrow(), 30_000)
  // Nobody hears a heart while the database is away, which is no death.
  const { store } = await openProcess(direct, 'three')
  await vi.waitFor(async () => {
    const { heartbeatAt } = (await store.findGeneration(id)) ?? {}
    expect(Date.now() - Number(heartbeatAt)).toBeGreaterThan(2 * slow.deadAfterMs)
  }, 30_000)

  way.mend()
  await Promise.all([here.over, there.over, late.over])
  for (const { answer } of [here, there, late]) {
    expect(answer).toMatchObject({ content: 'abc', end: { state: 'done' } })
    expect(answer.kept).toBeUndefined()
  }
  expect(there.wasUnsaved).toBe(false)
  expect(await two.store.findGeneration(id)).toMatchObject({ state: 'done' })
  expect((await readAll(two.hub, id)).answer).toEqual(here.answer)
})

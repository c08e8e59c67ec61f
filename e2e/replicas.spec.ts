import { type BrowserContext, expect } from '@playwright/test'
import type { BindingView } from '#server/access/views/binding.ts'
import type { AskedView } from '#server/playground/views/conversation-views.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { bindingAt, send, wish } from './support/api.ts'
import { list, removeBindings } from './support/cluster.ts'
import { countingRun, serving } from './support/faults.ts'
import { type Followed, followStream } from './support/follow-stream.ts'
import { browserOf } from './support/people.ts'
import {
  answersOf,
  cookieOf,
  gatewayPods,
  gatewaysReady,
  killPod,
  leader,
  type Replicas,
  restartGateways,
  scaleControllers,
  startReplicas,
} from './support/replicas.ts'
import { answerOf, bindingsOf, linesOf, runsOf } from './support/stream-readers.ts'
import { test } from './support/test.ts'

const both = [0, 1] as const
let replicas: Replicas

test.beforeAll(async () => {
  ;[replicas] = await Promise.all([startReplicas(), scaleControllers(2), gatewaysReady()])
})

test.afterAll(async () => {
  await replicas?.close()
  await scaleControllers(1)
})

test('of two webs, gateways and controllers each is killed at its work: nothing is lost, repeated or done twice', async ({
  browser,
}) => {
  await removeBindings()
  const { front, web } = replicas
  const ada = await browserOf(browser, 'ada', { baseURL: front.url })
  const grace = await browserOf(browser, 'grace', { baseURL: front.url })
  const graces = await cookieOf(grace)
  const adas = await cookieOf(ada)
  const follow = (path: string, first: string, who = adas) =>
    followStream(path, who, first, front.url)
  const followAnswer = (id: string, first = front.url) => follow(`/generations/${id}/events`, first)
  const earlier = (await bindRuns()).map(({ name }) => name)
  const newRuns = async () => (await bindRuns()).filter(({ name }) => !earlier.includes(name))
  const lists = both.map((one) => follow('/stream?kinds=bindings,runs', web(one).url))

  const path =
    await test.step('both webs are told the same decision at once: it is taken once', async () => {
      const asked = await send(ada, 'POST', '/api/bindings', wish)
      const { namespace, name }: BindingView = await asked.json()
      const its = `/bindings/${namespace}/${name}`
      await expect.poll(async () => (await bindingAt(grace, its)).seal).toBeDefined()
      const decision = await decisionOn(grace, its)
      const answers = await Promise.all(
        both.map((one) => send(grace, 'POST', `${web(one).url}/api${its}/decision`, decision)),
      )
      expect(answers.map((answer) => answer.status()).sort()).toEqual([200, 409])
      await expect.poll(async () => (await bindingAt(ada, its)).state).toBe('ready')
      expect((await bindingAt(ada, its)).decisions).toHaveLength(1)
      expect(await newRuns()).toHaveLength(1)
      return its
    })

  const long = await ask(ada, path, '#bench:6000', web(0).url)
  const answer = followAnswer(long, web(0).url)
  await hasText(answer)
  const run = await countingRun(1200)
  const runPath = `/api/runs/${serving}/${run}`
  for (const one of both) {
    await expect
      .poll(async () => (await grace.request.get(`${web(one).url}${runPath}`)).status())
      .toBe(200)
  }
  const logs = both.map((one) => follow(`/runs/${serving}/${run}/log`, web(one).url, graces))
  for (const log of logs) await expect.poll(() => linesOf(log).length).toBeGreaterThan(20)

  const killed =
    await test.step('a web is killed while it decides, the controller that leads while the run goes on', async () => {
      const { generation } = await bindingAt(ada, path)
      const larger = { generation, durationDays: 9 }
      expect((await send(ada, 'PATCH', `/api${path}`, larger)).status()).toBe(200)
      await expect
        .poll(async () => (await bindingAt(grace, path)).seal?.generation)
        .toBe(generation + 1)
      const decision = await decisionOn(grace, path)
      const leads = await leader()
      const before = (await newRuns()).filter(({ started }) => started).length
      const url = `${web(0).url}/api${path}/decision`
      const deciding = send(grace, 'POST', url, decision).catch(() => undefined)
      // As soon as anybody sees it: what follows from it may not have been done.
      await expect
        .poll(() => lists.flatMap(bindingsOf).some(({ decisions }) => decisions.length > 1), {
          intervals: [5],
        })
        .toBe(true)
      await replicas.end(0, 'SIGKILL')
      await deciding
      // The page does not know what became of it, and sends it again.
      expect((await send(grace, 'POST', `/api${path}/decision`, decision)).status()).toBe(409)

      await expect
        .poll(async () => (await newRuns()).filter((one) => one.started).length, {
          intervals: [20],
        })
        .toBe(before + 1)
      await killPod('bindery-system', leads)
      await replicas.replace(0)
      return leads
    })

  await test.step('a gateway is killed in mid-answer: whom it concerns is told, the others go on', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => ask(ada, path, '#bench:6000')))
    const answers = four.map((id) => followAnswer(id))
    await Promise.all(answers.map(hasText))
    const pods = await gatewayPods()
    let carried: number[] = []
    const counted = async () => {
      carried = await Promise.all(pods.map(answersOf))
      return carried.reduce((sum, count) => sum + count)
    }
    await expect.poll(counted).toBe(4)
    const most = carried.indexOf(Math.max(...carried))
    await killPod(serving, pods[most] ?? '')

    const over = () => answers.filter((one) => answerOf(one).end)
    await expect.poll(() => over().length).toBe(carried[most])
    for (const one of over()) {
      expect(answerOf(one).end).toMatchObject({ state: 'failed' })
      expect(answerOf(one).end?.error?.message).toMatch(/broke off/)
    }
    await expectDone(followAnswer(await ask(ada, path, 'Find gcd(1071, 462).')))
    const others = answers.filter((one) => !over().includes(one))
    for (const one of others) {
      const before = answerOf(one).content.length
      await expect.poll(() => answerOf(one).content.length).toBeGreaterThan(before)
    }
    for (const id of four) await send(ada, 'POST', `/api/generations/${id}/stop`, {})
    await Promise.all(answers.map(({ ended }) => ended))
    for (const one of others) expect(answerOf(one).end?.state).toBe('stopped')
    for (const [at, id] of four.entries()) await expectSame(answers[at], followAnswer(id))
  })

  await test.step('a rolling update, of the gateways and of a web, cuts nothing', async () => {
    await gatewaysReady()
    const running = [
      await ask(ada, path, '#bench:480', web(1).url),
      await ask(ada, path, '#bench:480', web(1).url),
    ]
    const answers = running.map((id) => followAnswer(id, web(1).url))
    await Promise.all(answers.map(hasText))
    await restartGateways()
    const ended = replicas.end(1, 'SIGTERM')
    await expectDone(followAnswer(await ask(ada, path, 'Find gcd(1071, 462).')))
    for (const one of answers) await expectDone(one)
    for (const [at, id] of running.entries()) await expectSame(answers[at], followAnswer(id))
    expect(answers.map((one) => one.reconnects())).not.toContain(0)
    expect(await ended).toBe(0)
    await gatewaysReady()
  })

  await test.step('in the end there is one of each, and every reader has read the same', async () => {
    await expect.poll(async () => (await bindingAt(ada, path)).granted?.durationDays).toBe(9)
    await expect.poll(async () => (await bindingAt(ada, path)).state).toBe('ready')
    expect((await bindingAt(ada, path)).decisions).toHaveLength(2)
    expect(await newRuns()).toHaveLength(2)
    // Who held the lease is taken for dead only after a while.
    await expect.poll(async () => [killed, ''].includes(await leader())).toBe(false)

    expect(logs[0]?.reconnects()).toBeGreaterThan(0)
    for (const log of logs) {
      await log.ended
      expect(linesOf(log)).toEqual(Array.from({ length: 1200 }, (_, i) => `line ${i} of 1200`))
    }
    // Who held it is dead, and after a while is taken for so. It had shown nothing that is not stored.
    await answer.ended
    expect(answerOf(answer).end?.state).toBe('interrupted')
    const stored = followAnswer(long)
    await stored.ended
    expect(answerOf(stored).content.length).toBeGreaterThan(100)
    expect(answerOf(answer).content).toBe(answerOf(stored).content)
    for (const one of lists) {
      expect(one.reconnects()).toBeGreaterThan(0)
      const bindings: BindingView[] = await (await ada.request.get('/api/bindings')).json()
      await expect.poll(() => bindingsOf(one).map(versionOf)).toEqual(bindings.map(versionOf))
      const runs: RunView[] = await (await ada.request.get('/api/runs')).json()
      const there = runs.filter(({ goneAt }) => goneAt === undefined)
      await expect.poll(() => runsOf(one).map(stateOf).sort()).toEqual(there.map(stateOf).sort())
      one.leave()
    }
  })
})

async function ask(ada: BrowserContext, path: string, text: string, url = ''): Promise<string> {
  const [, , namespace, name] = path.split('/')
  const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: 8192 }
  const variants = [{ binding: { namespace, name }, systemPrompt: '', sampling }]
  const asked = await send(ada, 'POST', `${url}/api/generations`, { question: { text }, variants })
  expect(asked.ok(), await asked.text()).toBe(true)
  const { generations }: AskedView = await asked.json()
  return generations[0]?.id ?? ''
}

async function hasText(answer: Followed): Promise<void> {
  await expect
    .poll(() => answerOf(answer).content.length + answerOf(answer).reasoning.length, {
      intervals: [50],
    })
    .toBeGreaterThan(100)
}

async function expectDone(answer: Followed): Promise<void> {
  await answer.ended
  expect(answerOf(answer).end).toMatchObject({ state: 'done' })
}

/** Who was there from the beginning has read, whatever happened, what a later reader is told from what is stored. */
async function expectSame(seen: Followed | undefined, stored: Followed): Promise<void> {
  await stored.ended
  if (!seen) throw new Error('Nobody has followed it.')
  const { reasoning, content, end } = answerOf(stored)
  expect(answerOf(seen)).toMatchObject({ reasoning, content, end: { state: end?.state } })
}

async function decisionOn(grace: BrowserContext, path: string): Promise<object> {
  const { seal, generation } = await bindingAt(grace, path)
  return { decision: 'approve', digest: seal?.digest, generation, comment: '' }
}

async function bindRuns(): Promise<{ name: string; started: boolean }[]> {
  const query = new URLSearchParams({ labelSelector: 'tekton.dev/task=bind-namespace' })
  const runs = await list(`/apis/tekton.dev/v1/namespaces/${serving}/taskruns?${query}`)
  return runs.map((run) => ({
    name: run.metadata.name,
    started: JSON.stringify(run).includes('"startTime"'),
  }))
}

function versionOf({ id, resourceVersion }: BindingView): string {
  return `${id} ${resourceVersion}`
}

function stateOf({ id, state }: RunView): string {
  return `${id} ${state}`
}

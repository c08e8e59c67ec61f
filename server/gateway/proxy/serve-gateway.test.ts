import { createServer } from 'node:http'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import {
  ask,
  question,
  readyBinding,
  running,
  scene,
  scriptedCluster,
  teamA,
  tokenOf,
  until,
} from '#server/testing/gateway/gateway-fixture.ts'

import { startGateway } from './serve-gateway.ts'

const binding = { namespace: 'research-team-a', name: 'vibethinker' }
const anHourAgo = () => new Date(Date.now() - 3_600_000)

test('a bound ServiceAccount gets an answer, and what it used is in the store', async () => {
  const { gateway, store } = await scene({ database: true })
  const models = await fetch(`${gateway.url}/v1/models`, {
    headers: { authorization: `Bearer ${tokenOf(teamA)}` },
  })
  expect(await models.json()).toMatchObject({ data: [{ id: 'bindery/demo-solver' }] })

  const whole = await (await ask(gateway.url, question())).json()
  expect(whole.choices[0].message.content).toContain('5')
  await until(async () => (await store?.usageOf(binding, anHourAgo()))?.requests === 1)
  expect(await store?.usageOf(binding, anHourAgo())).toEqual({
    requests: 1,
    promptTokens: whole.usage.prompt_tokens,
    completionTokens: whole.usage.completion_tokens,
  })
})

test('a stream shows its usage only to whom asked for it, and is counted either way', async () => {
  const { gateway, store } = await scene({ database: true })
  const silent = await (await ask(gateway.url, question('1+1', { stream: true, seed: 7 }))).text()
  expect(silent).not.toContain('"usage"')
  expect(silent).toMatch(/data: \[DONE\]\n\n$/)
  const stream_options = { include_usage: true }
  const told = await (
    await ask(gateway.url, question('1+1', { stream: true, seed: 7, stream_options }))
  ).text()
  expect(told).toContain('"choices":[],"usage"')
  await until(async () => (await store?.usageOf(binding, anHourAgo()))?.requests === 2)
  const used = await store?.usageOf(binding, anHourAgo())
  const [, completion] = /"completion_tokens":(\d+)/.exec(told) ?? []
  expect(used?.completionTokens).toBe(2 * Number(completion))
})

test('the caller goes away: the engine stops, streaming or not', async () => {
  const { gateway, engine, store } = await scene({ database: true })
  for (const stream of [true, false]) {
    const leaving = new AbortController()
    const asked = ask(gateway.url, question('#bench:40000', { stream }), undefined, leaving.signal)
    await until(async () => (await running(engine.url)) === 1)
    leaving.abort()
    await asked.then((answer) => answer.text()).catch(() => {})
    await until(async () => (await running(engine.url)) === 0)
  }
  await until(async () => (await store?.usageOf(binding, anHourAgo()))?.requests === 2)
})

test('revoked: an answer that runs ends at once with an error event, a new one is refused', async () => {
  const { gateway, engine, cluster } = await scene()
  const answer = await ask(gateway.url, question('#bench:40000', { stream: true }))
  const plain = ask(gateway.url, question('#bench:40000'))
  await until(async () => (await running(engine.url)) === 2)
  const revoked = readyBinding('research-team-a')
  const end = {
    reason: 'Revoked',
    by: 'grace',
    at: '2026-11-24T09:00:00Z',
    comment: '',
    generation: 1,
  } as const
  cluster.put('modelbindings', { ...revoked, status: { ...revoked.status, end } } as typeof revoked)
  const text = await answer.text()
  expect(text.trim().split('\n').at(-1)).toMatch(/^data: {"error":{.*"code":"binding_ended"/)
  expect((await plain).status).toBe(403)
  await until(async () => (await running(engine.url)) === 0)
  const refused = await ask(gateway.url, question())
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({
    error: { code: 'binding_ended', type: 'permission_error' },
  })
})

test('drain: not ready, nothing new, what runs is finished', async () => {
  const { gateway, engine } = await scene()
  const answer = await ask(gateway.url, question('#bench:100', { stream: true }))
  await until(async () => (await running(engine.url)) === 1)
  const closed = gateway.close(10_000)
  await expect(fetch(`${gateway.url}/readyz`)).rejects.toThrow()
  expect(await answer.text()).toMatch(/data: \[DONE\]\n\n$/)
  await closed
})

test('drain: what does not end in time is told so', async () => {
  const { gateway, engine } = await scene()
  const answer = await ask(gateway.url, question('#bench:40000', { stream: true }))
  await until(async () => (await running(engine.url)) === 1)
  await gateway.close(50)
  expect(await answer.text()).toContain('"code":"gateway_stopping"')
})

test('before it knows who is bound: not ready, and 503 for all', async () => {
  const cluster = await scriptedCluster()
  cluster.down = true
  const kube = connectKube({ kubeconfigText: cluster.kubeconfig })
  const gateway = await startGateway({
    metrics: gatewayMetrics(new Registry()),
    host: '127.0.0.1',
    port: 0,
    kube,
    store: () => undefined,
    log: createLog('test', 'error'),
    servingNamespace: 'model-serving-prod',
  })
  onTestFinished(async () => {
    await gateway.close()
    await kube.close()
  })
  expect(gateway.ready()).toBe(false)
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503)
  const answer = await ask(gateway.url, question(), {})
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await answer.json()).toMatchObject({ error: { code: 'gateway_starting' } })
})

test('a slow caller slows the engine down, and gets every byte', async () => {
  const event = `data: {"choices":[{"index":0,"delta":{"content":"${'思'.repeat(300)}"}}]}\n\n`
  const eventsMax = 30_000
  let written = 0
  let blocked = false
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = () => {
      while (written < eventsMax) {
        written++
        if (response.write(event)) continue
        // Told by the sockets between, not at the first full buffer of our own.
        const waiting = setTimeout(() => (blocked = true), 200)
        response.once('drain', () => {
          clearTimeout(waiting)
          more()
        })
        return
      }
      response.end()
    }
    more()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { gateway } = await scene({ inferenceUrl: `http://127.0.0.1:${port}` })

  const answer = await ask(gateway.url, question('x', { stream: true }))
  await until(() => blocked)
  expect(written).toBeLessThan(eventsMax)
  const bytes = (await answer.arrayBuffer()).byteLength
  expect(bytes).toBe(eventsMax * Buffer.byteLength(event))
})

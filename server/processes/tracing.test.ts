import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { bindRunName } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { traceOfRequest } from '#server/platform/model/request-trace.ts'
import { startTracing, type Tracing } from '#server/platform/tracing/start-tracing.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { controllerScene, serving } from '#server/testing/access/controller-fixture.ts'
import {
  ask,
  scene as gatewayScene,
  question,
  teamA,
  tokenOf,
} from '#server/testing/gateway/gateway-fixture.ts'
import { listenLocal, startCollector } from '#server/testing/span-collector.ts'
import { nobody, startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const access = controllerScene()
const callersTrace = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'
const traceparent = `00-${callersTrace}-${callersSpan}-01`

let collector: Awaited<ReturnType<typeof startCollector>>
let tracing: Tracing

beforeAll(async () => {
  collector = await startCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '50')
  tracing = await startTracing('test', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
})
afterAll(async () => {
  await tracing?.stop()
  await collector?.close()
  vi.unstubAllEnvs()
})

test('a caller’s trace goes through the gateway to the engine', async () => {
  const told: unknown[] = []
  const engine = createServer((request, response) => {
    told.push(request.headers.traceparent)
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}')
  })
  const { gateway } = await gatewayScene({ inferenceUrl: await listenLocal(engine) })
  onTestFinished(() => void engine.close())
  await (
    await ask(gateway.url, question(), { traceparent, authorization: `Bearer ${tokenOf(teamA)}` })
  ).text()
  const span = await collector.span('gateway request', callersTrace)
  expect(span).toMatchObject({ parentSpanId: callersSpan, kind: 2 })
  expect(span.attributes).toMatchObject({
    'http.response.status_code': 200,
    'bindery.binding': 'research-team-a/vibethinker',
    'gen_ai.usage.output_tokens': 1,
  })
  expect(told).toEqual([`00-${callersTrace}-${span.spanId}-01`])
})

test('a request to the web is the root of the trace that its number makes, unless a trusted proxy has begun one', async () => {
  const cluster = await startCluster(nobody)
  const open = await startWeb(cluster)
  const answer = await fetch(`${open.url}/api/people`, { headers: { traceparent } })
  const { traceId, spanId } = traceOfRequest(answer.headers.get('x-request-id') ?? '')
  const root = await collector.span('GET /api/people', traceId)
  expect(root).toMatchObject({ spanId, kind: 2 })
  expect(root.parentSpanId).toBeFalsy()

  const behind = await startWeb({ ...cluster, env: { TRUSTED_PROXIES: '127.0.0.1' } })
  const proxied = await fetch(`${behind.url}/api/people`, { headers: { traceparent } })
  const linked = traceOfRequest(proxied.headers.get('x-request-id') ?? '')
  const child = await collector.span('GET /api/people', callersTrace)
  expect(child).toMatchObject({ parentSpanId: callersSpan, links: [linked] })
})

test('what the controller does for a request is in its trace, and Tekton goes on with it', async () => {
  const stop = await access.startController()
  onTestFinished(stop)
  const requestId = '5f1c2b9e-8a57-4a35-9d0d-2f6a1c0e7b11'
  const ada = { ...access.person('ada', 'research-team-a'), requestId }
  await requestBinding(ada, access.wish('traced'))
  const { traceId, spanId } = traceOfRequest(requestId)
  const sealed = await collector.span('access create-bind-run', traceId)
  expect(sealed).toMatchObject({ parentSpanId: spanId })
  const written = await collector.span('kube create taskruns.tekton.dev', traceId)
  expect(written).toMatchObject({ parentSpanId: sealed.spanId, kind: 3 })

  const binding = await access.admin().get(ModelBinding, access.ref('traced'))
  const name = bindRunName(binding, 1, 0)
  const run = await access.admin().get(TaskRun, { namespace: serving, name })
  expect(run.metadata.annotations?.['tekton.dev/taskrunSpanContext']).toBe(
    `{"traceparent":"00-${traceId}-${spanId}-01"}`,
  )
})

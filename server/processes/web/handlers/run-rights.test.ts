import { expect, onTestFinished, test } from 'vitest'
import { annotations, labels, managedByBindery } from '#server/platform/model/names.ts'
import { runRecord } from '#server/runs/log/archive/run-record.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { RunDetailView } from '#server/runs/views/run-detail-view.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const namespace = 'model-serving-prod'
const secret = `ghp_${'a1'.repeat(18)}`
const at = '2026-11-24T00:00:00Z'

function runNamed(name: string, spec: Partial<TaskRun['spec']>, condition?: string): TaskRun {
  const ended = condition && condition !== 'Running'
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace, name, uid: `uid-${name}`, resourceVersion: '7', creationTimestamp: at },
    spec: { taskRef: { name: 'push' }, ...spec },
    status: condition
      ? {
          startTime: at,
          ...(ended ? { completionTime: at } : {}),
          conditions: [
            {
              type: 'Succeeded',
              status: ended ? 'False' : 'Unknown',
              reason: condition,
              message: '',
            },
          ],
        }
      : undefined,
  }
}

const bound: TaskRun = runNamed(
  'bound',
  { taskRef: { name: 'bind-namespace' }, retries: 2 },
  'Failed',
)
bound.metadata.labels = { [labels.bindingNamespace]: 'team', [labels.bindingName]: 'one' }

const runs = [
  bound,
  runNamed('by-hand', {}, 'Running'),
  runNamed('sealed', { status: 'TaskRunPending' }),
  runNamed('ended', { status: 'TaskRunCancelled', statusMessage: 'Cancelled by bo' }, 'Failed'),
]

/** `team/one` may be looked at by Ada with its log, by Bo without; what Grace may is hers to do anywhere. */
async function startWithRuns() {
  const sent: { method: string; path: string; body: unknown }[] = []
  const api = await startScripted(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const text = await bodyOf(request)
    const name = pathname.split('/').at(-1)
    if (pathname.endsWith('/subjectaccessreviews')) {
      const { user, resourceAttributes: asked } = JSON.parse(text).spec
      const isBinding = asked.resource === 'modelbindings' && asked.namespace === 'team'
      const allowed =
        user === 'grace' ||
        (isBinding && /^(get|list)$/.test(asked.verb) && (user === 'ada' || !asked.subresource))
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed } })
    }
    if (searchParams.has('watch')) return response.writeHead(200).flushHeaders()
    if (request.method !== 'GET') {
      const body = text ? JSON.parse(text) : undefined
      sent.push({ method: request.method ?? '', path: pathname, body })
      const old = runs.find((run) => run.metadata.name === name)
      const metadata = { ...old?.metadata, ...body?.metadata, uid: old?.metadata.uid ?? 'uid-new' }
      return sendJson(response, 200, { ...old, ...body, metadata })
    }
    // Whatever the namespace: what is not the serving namespace's is not looked at.
    const found = pathname.includes('/taskruns/') && runs.find((run) => run.metadata.name === name)
    if (found) return sendJson(response, 200, found)
    if (/\/(taskruns|configmaps|pods)\/[^/]+$/.test(pathname)) {
      return sendJson(response, 404, { kind: 'Status', message: 'not found', details: { name } })
    }
    const event = (uid: string, message: string, more: object = {}) => ({
      metadata: { namespace, name: message },
      type: 'Warning',
      message,
      involvedObject: { kind: 'TaskRun', name: 'bound', uid },
      ...more,
    })
    const times = { firstTimestamp: '2026-11-24T00:00:01Z', lastTimestamp: '2026-11-24T00:00:03Z' }
    const events = [
      event('uid-bound', 'of this run', { ...times, count: 4 }),
      event('uid-bound', 'before that', { type: 'Normal', lastTimestamp: '2026-11-24T00:00:02Z' }),
      event('uid-x', 'of one before it'),
    ]
    const isOf = (plural: string) => pathname.endsWith(`/${plural}`)
    const items = isOf('taskruns') ? runs : isOf('events') ? events : []
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '9' }, items })
  })
  onTestFinished(() => api.close())
  const web = await startWeb({ kubeconfig: api.kubeconfig })
  return { web, sent }
}

test('a run is seen by who may see its binding, its log by who may see that, and nothing outside of the serving namespace', async () => {
  const { web } = await startWithRuns()
  const [ada, bo, grace] = [await web.as('ada'), await web.as('bo'), await web.as('grace')]
  const path = `/api/runs/${namespace}/bound`
  expect((await bo('GET', path)).status).toBe(200)
  for (const of of ['detail', 'log', 'log.txt', 'log/lines', 'log/search?q=a']) {
    expect([of, (await bo('GET', `${path}/${of}`)).status]).toEqual([of, 404])
    if (of === 'log') continue
    expect([of, (await ada('GET', `${path}/${of}`)).status]).toEqual([of, 200])
  }
  const detail: RunDetailView = await (await ada('GET', `${path}/detail`)).json()
  expect(detail.events).toMatchObject([
    { message: 'before that', at: '2026-11-24T00:00:02Z', count: 1, warning: false },
    { message: 'of this run', at: '2026-11-24T00:00:03Z', count: 4, warning: true },
  ])
  expect(detail.retries).toBe(2)
  for (const name of ['by-hand', 'ended']) {
    expect((await ada('GET', `/api/runs/${namespace}/${name}`)).status).toBe(404)
  }

  // A name that was used before is listed once, as what it is now.
  const { archive } = web.state.store
  const before = { ...bound, metadata: { ...bound.metadata, uid: 'uid-before' } }
  await archive.saveRun(runRecord(goneRun(before, new Date(at)), new Date(at)))
  const listed: RunView[] = await (await ada('GET', '/api/runs')).json()
  expect(listed.map(({ name, goneAt }) => [name, goneAt])).toEqual([['bound', undefined]])
  const older = await (
    await grace('GET', `/api/runs/older?before=2026-12-01T00:00:00Z&name=x`)
  ).json()
  expect(older.runs).toHaveLength(1)
  expect(older.next).toBeUndefined()

  // What nobody has seen go is looked for in the cluster alone.
  await archive.saveRun(runRecord(runNamed('not-there', {}, 'Failed')))
  expect((await grace('GET', `/api/runs/${namespace}/not-there`)).status).toBe(404)

  const other = '/api/runs/team/ended'
  for (const [method, to, body] of [
    ['GET', other, undefined],
    ['GET', `${other}/log/lines`, undefined],
    ['DELETE', other, undefined],
    ['POST', `${other}/rerun`, {}],
    ['POST', '/api/runs/team/by-hand/cancel', {}],
  ] as const) {
    expect([to, (await grace(method, to, body)).status]).toEqual([to, 404])
  }
})

test('what waits for a decision is not cancelled, what has ended not twice, what is a request’s not removed or run again', async () => {
  const { web, sent } = await startWithRuns()
  const grace = await web.as('grace')
  const at = (name: string) => `/api/runs/${namespace}/${name}`
  for (const [method, path] of [
    ['POST', `${at('sealed')}/cancel`],
    ['POST', `${at('ended')}/cancel`],
    ['DELETE', at('by-hand')],
    ['DELETE', at('bound')],
    ['POST', `${at('by-hand')}/rerun`],
    ['POST', `${at('bound')}/rerun`],
  ] as const) {
    const answer = await grace(method, path, method === 'POST' ? {} : undefined)
    expect([method, path, answer.status]).toEqual([method, path, 409])
  }
  expect(sent).toEqual([])

  const why = `No use: ${secret}`
  expect((await grace('POST', `${at('by-hand')}/cancel`, { why })).status).toBe(200)
  expect(sent.pop()?.body).toEqual({
    spec: { status: 'TaskRunCancelled', statusMessage: `Cancelled by grace: ${why}` },
  })

  const again = await grace('POST', `${at('ended')}/rerun`, { why })
  expect(again.status).toBe(201)
  // It begins as one that nobody has stopped.
  expect(sent.pop()?.body).toMatchObject({
    metadata: {
      labels: { [labels.managedBy]: managedByBindery },
      annotations: {
        [annotations.startedBy]: 'grace',
        [annotations.reason]: why,
        [annotations.requestId]: again.headers.get('x-request-id'),
      },
    },
    spec: expect.toSatisfy((spec) => !('status' in spec) && !('statusMessage' in spec)),
  })
  expect(await again.text()).not.toContain(secret)
  expect((await grace('POST', `${at('ended')}/rerun`, {})).status).toBe(201)
  expect(sent.pop()?.body).toMatchObject({
    metadata: { annotations: { [annotations.reason]: 'Runs ended again.' } },
  })

  expect((await grace('DELETE', at('ended'))).status).toBe(204)
  expect(sent.pop()).toMatchObject({
    method: 'DELETE',
    body: {
      preconditions: { uid: 'uid-ended', resourceVersion: '7' },
      propagationPolicy: 'Background',
    },
  })

  // On record, without what is a secret.
  await expect
    .poll(async () =>
      (await web.state.store.listAudit({}, { limit: 50 })).map(({ content }) => content.what),
    )
    .toEqual(expect.arrayContaining(['run-cancel-asked', 'run-started', 'run-deleted']))
  const recorded = JSON.stringify(await web.state.store.listAudit({}, { limit: 50 }))
  expect(recorded).toContain('No use: [redacted:git-token]')
  expect(recorded).not.toContain(secret)
})

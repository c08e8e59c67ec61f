import { expect, onTestFinished, test } from 'vitest'
import { runRecord } from '#server/runs/log/archive/run-record.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { Task, TaskRun } from '#server/runs/model/task-run.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const namespace = 'model-serving-prod'
/** Every place has a secret of its own. */
const secret = (place: string) => `ghp_${place.padEnd(36, '0')}`

const task: Task = {
  apiVersion: 'tekton.dev/v1',
  kind: 'Task',
  metadata: { namespace, name: 'push' },
  spec: {
    params: [{ name: 'password', type: 'string', default: 'sesame' }, { name: 'where' }],
    steps: [{ name: 'push', image: 'x', script: `git push https://${secret('inTheTask')}@x` }],
  },
}

function runNamed(name: string, uid: string): TaskRun {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace,
      name,
      uid,
      creationTimestamp: '2026-11-24T00:00:00Z',
      annotations: { 'bindery.dev/reason': `because of ${secret('why')}` },
    },
    spec: {
      taskRef: { name: 'push' },
      params: [
        { name: 'password', value: 'open sesame' },
        { name: 'where', value: secret('param') },
      ],
    },
    status: {
      podName: `${name}-pod`,
      startTime: '2026-11-24T00:00:00Z',
      taskSpec: task.spec,
      results: [{ name: 'said', value: secret('result') }],
      conditions: [
        { type: 'Succeeded', status: 'Unknown', reason: 'Running', message: secret('message') },
      ],
      steps: [
        {
          name: 'push',
          container: 'step-push',
          waiting: { reason: 'CreateContainerError', message: secret('step') },
        },
      ],
    },
  }
}

test('no secret of a run or a Task reaches a browser, wherever it stands', async () => {
  const run = runNamed('now', 'u1')
  const event = {
    metadata: { namespace, name: 'e' },
    type: 'Warning',
    reason: 'Failed',
    message: secret('event'),
    involvedObject: { kind: 'TaskRun', name: 'now', uid: 'u1' },
  }
  const created: unknown[] = []
  const api = await startScripted(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname.endsWith('/subjectaccessreviews')) {
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed: true } })
    }
    if (searchParams.has('watch')) return response.writeHead(200).flushHeaders()
    if (request.method === 'POST' && pathname.endsWith('/taskruns')) {
      const body = JSON.parse(await bodyOf(request))
      if (!searchParams.has('dryRun')) created.push(body)
      body.metadata.uid = 'u2'
      return sendJson(response, 201, body)
    }
    if (pathname.endsWith('/taskruns/now')) return sendJson(response, 200, run)
    if (pathname.endsWith('/tasks/push')) return sendJson(response, 200, task)
    if (/\/(taskruns|configmaps|pods)\/[^/]+$/.test(pathname)) {
      const details = { name: pathname.split('/').at(-1) }
      return sendJson(response, 404, { kind: 'Status', message: 'not found', details })
    }
    const items = pathname.endsWith('/taskruns')
      ? [run]
      : pathname.endsWith('/tasks')
        ? [task]
        : pathname.endsWith('/events')
          ? [event]
          : []
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '9' }, items })
  })
  onTestFinished(() => api.close())
  const web = await startWeb({ kubeconfig: api.kubeconfig })
  const now = new Date('2026-11-24T01:00:00Z')
  // As one that was kept before there were these rules.
  await web.state.store.archive.saveRun(runRecord(goneRun(runNamed('before', 'u0'), now), now))
  const grace = await web.as('grace')

  const seen: Record<string, string> = {}
  for (const path of [
    '/api/runs',
    `/api/runs/${namespace}/now`,
    `/api/runs/${namespace}/now/detail`,
    `/api/runs/${namespace}/before`,
    `/api/runs/${namespace}/before/detail`,
    '/api/tasks',
    `/api/tasks/${namespace}/push`,
  ]) {
    const answer = await grace('GET', path)
    expect([path, answer.status]).toEqual([path, 200])
    seen[path] = await answer.text()
  }
  const params = { password: 'typed sesame', where: secret('typed') }
  const body = { task: 'push', params, why: secret('typedWhy') }
  seen.preview = await (await grace('POST', '/api/runs/preview', body)).text()
  seen.start = await (await grace('POST', '/api/runs', body)).text()
  for (const path of ['/api/stream?kinds=runs', `/api/runs/${namespace}/now/log`]) {
    const answer = await grace('GET', path)
    for await (const chunk of answer.body ?? []) {
      seen[path] = `${seen[path] ?? ''}${Buffer.from(chunk)}`
      if (/event: (snapshot|steps)\n[\s\S]*\n\n$/.test(seen[path])) break
    }
  }
  for (const [place, text] of Object.entries(seen)) {
    expect(text.match(/ghp_\w+|[^"\\n]*sesame/)?.[0], place).toBeUndefined()
    expect(text, place).toMatch(/\[redacted:git-token\]|\[redacted:variable\]/)
  }
  // What was typed is what runs; only what is shown is not.
  expect(created).toMatchObject([{ spec: { params: [{ value: 'typed sesame' }, {}] } }])

  // Nor does what is on record of it hold any.
  const recorded = async () => JSON.stringify(await web.state.store.listAudit({}, { limit: 50 }))
  await expect.poll(recorded).toContain('run-started')
  expect(await recorded()).toContain('[redacted:git-token]')
  expect(await recorded()).not.toContain(secret('typedWhy'))

  const masked = { ...body, params: { password: '[redacted:variable]', where: 'x' } }
  const refused = await grace('POST', '/api/runs', masked)
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({
    error: { fields: [{ field: 'params.password' }] },
  })
})

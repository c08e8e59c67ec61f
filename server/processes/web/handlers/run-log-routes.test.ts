import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { runRecord } from '#server/runs/log/archive/run-record.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { OlderRunsView } from '#server/runs/views/older-runs-view.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { LogRangeView, LogSearchView } from '#server/runs/views/run-log-views.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const namespace = 'model-serving-prod'
const at = (row: number) => `2026-11-24T00:00:00.${String(row).padStart(9, '0')}Z`

const run: TaskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: {
    namespace,
    name: 'pruned',
    uid: 'u1',
    creationTimestamp: '2026-11-24T00:00:00Z',
    labels: { 'bindery.dev/binding-namespace': 'team', 'bindery.dev/binding-name': 'one' },
  },
  spec: { taskRef: { name: 'bind-namespace' } },
  status: { startTime: '2026-11-24T00:00:00Z', podName: 'p' },
}

/** A run whose TaskRun was pruned while it was at work, with a log of `count` lines in the archive. */
async function startWithArchive(count: number) {
  const api = await startScripted(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path.endsWith('/subjectaccessreviews')) {
      const { spec } = JSON.parse(await bodyOf(request))
      const { verb, resource, namespace: where } = spec.resourceAttributes
      const allowed =
        spec.user === 'ada' &&
        ['get', 'list'].includes(verb) &&
        resource === 'modelbindings' &&
        where === 'team'
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed } })
    }
    if (request.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
    if (/\/(taskruns|configmaps)\/[^/]+$/.test(path)) {
      return sendJson(response, 404, {
        kind: 'Status',
        message: 'not found',
        details: { name: path.split('/').at(-1) },
      })
    }
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '9' }, items: [] })
  })
  onTestFinished(() => api.close())
  const web = await startWeb({ kubeconfig: api.kubeconfig })
  const { archive } = web.state.store
  const now = new Date('2026-11-24T01:00:00Z')
  await archive.saveRun(runRecord(goneRun(run, now), now))
  const rows = Array.from({ length: count }, (_, index): LogRow => {
    const row = index + 1
    return { row, step: row % 2 ? 'odd' : 'even', at: at(row), count: 1, text: `line ${row}` }
  })
  const key = { uid: 'u1', part: 'steps' }
  for (let from = 0; from < count; from += 700) {
    const some = rows.slice(from, from + 700)
    const complete = from + 700 >= count
    const append = { after: from, rows: some, complete, bytesMax: 1e9 }
    expect(await archive.appendLog(key, append)).toBe(true)
  }
  return web
}

const path = `/api/runs/${namespace}/pruned`

test('a run that the cluster has no more is listed, opened, read and searched, by those who might before', async () => {
  const web = await startWithArchive(2_000)
  const ada = await web.as('ada')
  const gone = {
    id: `${namespace}/pruned`,
    state: 'cancelled',
    goneAt: '2026-11-24T01:00:00.000Z',
    can: [],
  }
  expect(await (await ada('GET', path)).json()).toMatchObject(gone)
  expect(await (await ada('GET', '/api/runs')).json()).toMatchObject([gone])

  const range: LogRangeView = await (await ada('GET', `${path}/log/lines?from=699&limit=4`)).json()
  expect(range).toMatchObject({ rows: 2_000, ended: true, next: 703 })
  expect(range.lines.map(({ row, text }) => [row, text])).toEqual(
    [699, 700, 701, 702].map((row) => [row, `line ${row}`]),
  )
  const end: LogRangeView = await (await ada('GET', `${path}/log/lines?from=1999`)).json()
  expect(end.lines.map(({ row }) => row)).toEqual([1999, 2000])
  expect(end.next).toBeUndefined()

  const query = 'q=LINE%201%5Cd%5Cd%24&regex=true&context=1&limit=2&from=150&step=even'
  const found: LogSearchView = await (await ada('GET', `${path}/log/search?${query}`)).json()
  expect(found).toMatchObject({ rows: 2_000, ended: true, count: 50 })
  expect(found.matching.slice(0, 2)).toEqual([100, 102])
  expect(found.matches).toMatchObject([
    { row: 150, ranges: [[0, 8]], before: [{ row: 148 }], after: [{ row: 152 }] },
    { row: 152 },
  ])
  expect((await ada('GET', `${path}/log/search?q=(&regex=true`)).status).toBe(400)

  const plain = await (await ada('GET', `${path}/log.txt?format=plain&step=odd`)).text()
  expect(plain).toBe(
    Array.from({ length: 1_000 }, (_, index) => `line ${2 * index + 1}\n`).join(''),
  )

  const bo = await web.as('bo')
  expect(await (await bo('GET', '/api/runs')).json()).toEqual([])
  for (const end of ['', '/log', '/log.txt', '/log/lines', '/log/search?q=a']) {
    const { status } = await bo('GET', path + end)
    expect([end, status]).toEqual([end, 404])
  }
})

test('what is gone is paged back to the first run, with none left out where many began at once', async () => {
  const web = await startWithArchive(1)
  const { archive } = web.state.store
  const gone = Array.from({ length: 1_100 }, (_, index) => {
    const name = `old-${String(index).padStart(4, '0')}`
    // Some hundred in each second.
    const creationTimestamp = `2026-10-01T00:00:${String(Math.floor(index / 300)).padStart(2, '0')}Z`
    const metadata = { ...run.metadata, name, uid: name, creationTimestamp }
    return goneRun({ ...run, metadata }, new Date('2026-10-02T00:00:00Z'))
  })
  await Promise.all(gone.map((one) => archive.saveRun(runRecord(one, new Date()))))
  const ada = await web.as('ada')
  const listed: RunView[] = await (await ada('GET', '/api/runs')).json()
  expect(listed).toHaveLength(500)
  const { createdAt, name } = listed.at(-1) ?? { createdAt: '', name: '' }
  const found = listed.map((one) => one.name)
  let next: OlderRunsView['next'] = { before: createdAt, name }
  for (let pages = 0; next && pages < 5; pages++) {
    const answer = await ada('GET', `/api/runs/older?${new URLSearchParams(next)}`)
    const older: OlderRunsView = await answer.json()
    found.push(...older.runs.map((one) => one.name))
    next = older.next
  }
  expect(found.toSorted()).toEqual([...gone.map(({ metadata }) => metadata.name), 'pruned'])

  const bo = await web.as('bo')
  const asked = '/api/runs/older?before=2026-12-01T00:00:00Z&name=x'
  expect(await (await bo('GET', asked)).json()).toMatchObject({ runs: [] })
  expect((await ada('GET', '/api/runs/older?before=yesterday&name=x')).status).toBe(400)
})

test('a stream goes on after any row of the archive', async () => {
  const web = await startWithArchive(2_000)
  const ada = await web.as('ada')
  for (const [id, first] of [
    [undefined, 1],
    [`odd@${at(777)}#1~777`, 778],
    [`odd@${at(777)}#1`, 778],
    // Numbered otherwise by a process that could not read all of it.
    [`odd@${at(777)}#1~12`, 778],
  ] as const) {
    const answer = await ada('GET', `${path}/log`, undefined, id ? { 'last-event-id': id } : {})
    const text = await answer.text()
    expect(answer.status, text.slice(0, 500)).toBe(200)
    const rows = [...text.matchAll(/"row":(\d+)/g)].map(([, row]) => Number(row))
    expect(rows).toEqual(Array.from({ length: 2_001 - first }, (_, index) => first + index))
    expect(text).toMatch(/event: end\ndata: \{"state":"cancelled","rows":2000\}\n\n$/)
  }
})

test('a stream that begins near the end says where, and one that goes on does not', async () => {
  const web = await startWithArchive(2_000)
  const ada = await web.as('ada')
  const tail = await (await ada('GET', `${path}/log?tail=10`)).text()
  expect(tail).toContain('event: tail\ndata: {"from":1991}\n')
  expect([...tail.matchAll(/"row":(\d+)/g)].map(([, row]) => Number(row))).toEqual(
    Array.from({ length: 10 }, (_, index) => 1_991 + index),
  )
  const whole = await (await ada('GET', `${path}/log?tail=5000`)).text()
  const headers = { 'last-event-id': `odd@${at(777)}#1~777` }
  const after = await (await ada('GET', `${path}/log?tail=10`, undefined, headers)).text()
  for (const [text, first] of [
    [whole, 1],
    [after, 778],
  ] as const) {
    expect(text).not.toContain('event: tail')
    expect(text).toMatch(new RegExp(`"row":${first}\\D`))
  }
})

/** Reads a stream until so many bytes came, and breaks off there. Answers the whole events, as a browser keeps them. */
async function readCut(answer: Response, bytes: number): Promise<string[]> {
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length > bytes) break
  }
  return text.slice(0, bytes).split('\n\n').slice(0, -1)
}

test('however often and wherever the connection is cut, every row comes once', async () => {
  const web = await startWithArchive(3_000)
  const ada = await web.as('ada')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 250_000 }), { maxLength: 12 }),
      async (cuts) => {
        const rows: number[] = []
        let id: string | undefined
        for (const bytes of [...cuts, Number.POSITIVE_INFINITY]) {
          const headers: Record<string, string> = id ? { 'last-event-id': id } : {}
          const answer = await ada('GET', `${path}/log`, undefined, headers)
          for (const event of await readCut(answer, bytes)) {
            id = /^id: (.*)$/m.exec(event)?.[1] ?? id
            for (const [, row] of event.matchAll(/"row":(\d+)/g)) rows.push(Number(row))
          }
        }
        expect(rows).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1))
      },
    ),
    { numRuns: 8 },
  )
})

import { expect, onTestFinished, test } from 'vitest'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { accessReviews } from '#server/platform/kube/access-reviews.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { createLiveLists, type Person } from './live-lists.ts'

const ada: Person = { type: 'person', user: 'ada', name: 'Ada', groups: [] }
const bo: Person = { type: 'person', user: 'bo', name: 'Bo', groups: [] }

/** A cluster whose watches the test writes, and whose rights it changes. */
async function startLists() {
  const may = new Set<string>()
  const watches = new Map<string, (event: object) => void>()
  let watchCount = 0
  const api = await startScripted(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const plural = url.pathname.split('/').at(-1) ?? ''
    if (plural === 'subjectaccessreviews') {
      const { user, resourceAttributes: asked } = JSON.parse(await bodyOf(request)).spec
      const allowed = may.has(`${user} ${asked.verb} ${asked.resource} ${asked.namespace}`)
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed } })
    }
    if (url.searchParams.has('watch')) {
      watchCount++
      response.writeHead(200).flushHeaders()
      watches.set(plural, (event) => void response.write(`${JSON.stringify(event)}\n`))
      return
    }
    const service = {
      ...sampleService(),
      metadata: { ...sampleService().metadata, resourceVersion: '1' },
    }
    const items =
      plural === 'modelbindings' ? [sampleBinding()] : plural === 'modelservices' ? [service] : []
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items })
  })
  const ended = new AbortController()
  onTestFinished(async () => {
    ended.abort()
    await api.close()
  })
  const kube = connectKube({ kubeconfigText: api.kubeconfig, signal: ended.signal })
  const reviews = accessReviews(kube, { freshMs: 50 })
  const lists = createLiveLists({
    kube,
    redaction: redactionBy(),
    log: createLog('test', 'error'),
    servingNamespace: 'model-serving-prod',
    mayOf:
      (person) =>
      ({ resource, ...access }) => {
        const [plural = '', ...group] = resource.split('.')
        return reviews.of({ user: person.user, groups: [] }).mayCached({
          ...access,
          resource: plural,
          group: group.join('.'),
        })
      },
    recheckMs: 100,
    signal: ended.signal,
  })
  return {
    lists,
    may,
    watchCount: () => watchCount,
    async tell(plural: string, event: object) {
      await expect.poll(() => watches.has(plural)).toBe(true)
      watches.get(plural)?.(event)
    },
    async change(binding: ModelBinding) {
      await expect.poll(() => watches.has('modelbindings')).toBe(true)
      watches.get('modelbindings')?.({ type: 'MODIFIED', object: binding })
    },
  }
}

/** What a browser holds after all that it was sent: by id. */
function browse(lists: Awaited<ReturnType<typeof startLists>>['lists'], person: Person) {
  const leaving = new AbortController()
  const held = new Map<string, { alias: string }>()
  const seen: string[] = []
  const done = (async () => {
    for await (const frames of lists.follow(person, ['bindings', 'runs'], leaving.signal)) {
      for (const { event, data } of frames.map(eventOf)) {
        const parsed = JSON.parse(data)
        seen.push(`${event} ${parsed.kind}`)
        if (parsed.kind !== 'bindings') continue
        if (event === 'snapshot') held.clear()
        for (const item of parsed.items ?? (parsed.item ? [parsed.item] : [])) {
          held.set(item.id, { alias: item.asked.alias })
        }
        if (event === 'remove') held.delete(parsed.id)
      }
    }
  })()
  onTestFinished(() => leaving.abort())
  return { held, seen, leave: () => leaving.abort(), done }
}

const id = 'research-team-a/vibethinker'
const right = 'list modelbindings research-team-a'

function eventOf(frame: Uint8Array): { event: string; data: string } {
  const [, event = '', data = ''] = /event: (.*)\ndata: (.*)\n/.exec(`${Buffer.from(frame)}`) ?? []
  return { event, data }
}

test('a snapshot, then changes, for those who may see them; one watch per kind for all', async () => {
  const cluster = await startLists()
  cluster.may.add(`ada ${right}`)
  const tabs = [browse(cluster.lists, ada), browse(cluster.lists, ada)]
  const other = browse(cluster.lists, bo)
  for (const { held } of tabs) await expect.poll(() => held.has(id)).toBe(true)
  await expect.poll(() => other.seen).toEqual(['snapshot bindings', 'snapshot runs'])

  const changed = sampleBinding({ alias: 'another' })
  changed.metadata.resourceVersion = '2'
  await cluster.change(changed)
  for (const { held } of tabs) await expect.poll(() => held.get(id)?.alias).toBe('another')
  expect(other.held.size).toBe(0)
  expect(other.seen).toHaveLength(2)
  expect(cluster.watchCount()).toBe(4) // services, bindings, runs, namespaces
})

test('a right that is lost closes the tap, one that is won opens it, without a reload', async () => {
  const cluster = await startLists()
  cluster.may.add(`ada ${right}`)
  const tab = browse(cluster.lists, ada)
  await expect.poll(() => tab.held.has(id)).toBe(true)
  cluster.may.clear()
  await expect.poll(() => tab.held.has(id)).toBe(false)
  cluster.may.add(`ada ${right}`)
  await expect.poll(() => tab.held.has(id)).toBe(true)
})

test('a tab that is closed ends', async () => {
  const { lists } = await startLists()
  const tab = browse(lists, ada)
  await expect.poll(() => tab.seen.length).toBeGreaterThan(0)
  tab.leave()
  await tab.done
})

test('a run that is deleted is shown as one that is gone, at once; a request that is taken back is not', async () => {
  const cluster = await startLists()
  cluster.may.add('ada list taskruns model-serving-prod')
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const held = new Map<string, RunView>()
  void (async () => {
    for await (const frames of cluster.lists.follow(ada, ['runs'], leaving.signal)) {
      for (const { event, data } of frames.map(eventOf)) {
        const { id, item, items = [] } = JSON.parse(data)
        for (const one of item ? [item] : items) held.set(one.id, one)
        if (event === 'remove') held.delete(id)
      }
    }
  })()
  const run = (name: string, status: object) => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'model-serving-prod', name, uid: name, resourceVersion: '2' },
    spec: {},
    status,
  })
  const began = run('began', { startTime: '2026-11-24T00:00:00Z' })
  const sealed = run('sealed', {})
  for (const object of [began, sealed]) await cluster.tell('taskruns', { type: 'ADDED', object })
  await expect.poll(() => [...held.keys()].length).toBe(2)
  for (const object of [sealed, began]) await cluster.tell('taskruns', { type: 'DELETED', object })
  await expect
    .poll(() => [...held.values()])
    .toMatchObject([{ name: 'began', state: 'cancelled', goneAt: expect.any(String), can: [] }])
})

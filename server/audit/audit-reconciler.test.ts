import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { decide } from '#server/access/model/decide.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { createLog } from '#server/platform/log.ts'
import { annotations } from '#server/platform/model/names.ts'
import { openStore } from '#server/processes/open-store.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { Store } from '#server/store.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { runAuditReconciler } from './audit-reconciler.ts'
import { verifyAudit } from './verbs/verify-audit.ts'

const serving = 'model-serving-prod'
const namespace = 'research-team-a'
const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let kube: Kube
let web: Kube
let store: Store

beforeAll(async () => {
  cluster = await startCluster({
    port: 0,
    manifests: 'manifests/overlays/embedded',
    images: { 'localhost/busybox:1': busyboxImage() },
  })
  web = await as('bindery-system', 'bindery-web')
  kube = connectKube({ kubeconfigText: cluster.kubeconfig })
  store = await openStore(await databaseUrl(), { signal: ending.signal })
})

afterAll(async () => {
  ending.abort()
  await web?.close()
  await kube?.close()
  await cluster?.close()
})

test('what happens while the database is away is on record once it is back, and once only', async () => {
  let open: Store | undefined
  const first = startTerm(() => open)
  const ref = { namespace, name: 'away' }
  await web.create(ModelBinding, {
    ...sampleBinding({ alias: ref.name }),
    metadata: { ...ref, annotations: { [annotations.requestedBy]: 'ada' } },
  })
  const sealed = await seal(ref)
  const status = decide(
    sealed,
    sampleService(),
    { decision: 'deny', digest: sealed.status?.seal?.digest ?? '', generation: 1, comment: 'No.' },
    'grace',
    new Date(),
  )
  await kube.replaceStatus(ModelBinding, { ...sealed, status })
  await web.patch(ModelBinding, ref, { spec: { durationDays: 9 } })
  await kube.remove(ModelBinding, ref)
  open = store
  await eventually(async () => {
    const told = ['requested ada', 'sealed bindery:controller', 'denied grace', 'changed ada']
    expect(await trailOf(ref.name)).toEqual([...told, 'deleted bindery:controller'])
  })

  // The leader dies and another comes, who derives all of it again.
  await first()
  const { seq } = await store.auditHead()
  const second = startTerm(() => store)
  await kube.create(ModelBinding, {
    ...sampleBinding({ alias: 'later' }),
    metadata: { namespace, name: 'later' },
  })
  await eventually(async () => expect(await trailOf('later')).toEqual(['requested unknown']))
  expect((await store.auditHead()).seq).toBe(seq + 1)
  await second()

  // Gone while nobody led: known from the trail.
  await kube.remove(ModelBinding, { namespace, name: 'later' })
  const third = startTerm(() => store)
  await eventually(async () =>
    expect(await trailOf('later')).toEqual(['requested unknown', 'deleted bindery:controller']),
  )
  await third()
  expect((await verifyAudit(store)).broken).toBeUndefined()
})

test('of a run it is on record who started it and why, who cancelled it, what came of it, and its removal', async () => {
  const end = startTerm(() => store)
  const ref = { namespace: serving, name: 'by-hand' }
  await kube.create(TaskRun, {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      ...ref,
      annotations: { [annotations.startedBy]: 'grace', [annotations.reason]: 'An update.' },
    },
    spec: {
      taskSpec: {
        steps: [{ name: 'wait', image: 'localhost/busybox:1', command: ['sleep', '60'] }],
      },
    },
  })
  await eventually(async () => expect(await runTrail('by-hand')).toContain('run-started grace'))
  const cancel = { status: 'TaskRunCancelled', statusMessage: 'Cancelled by grace: too early' }
  await kube.patch(TaskRun, ref, { spec: cancel })
  await eventually(async () => expect(await runTrail('by-hand')).toContain('run-cancelled'))
  await kube.remove(TaskRun, ref)
  await eventually(async () => {
    const told = ['run-cancel-asked', 'run-cancelled', 'run-deleted', 'run-started']
    expect((await runTrail('by-hand')).match(/run-[a-z-]+/g)?.sort()).toEqual(told)
  })
  const [started] = (await records()).filter(({ what }) => what === 'run-started')
  expect(started).toMatchObject({ why: 'An update.', on: { kind: 'TaskRun', ...ref } })
  await end()
})

function startTerm(open: () => Store | undefined): () => Promise<void> {
  const term = new AbortController()
  const ctx = {
    kube,
    log: createLog('test', 'silent'),
    now: () => new Date(),
    signal: term.signal,
    servingNamespace: serving,
    redaction: redactionBy(),
  }
  const kept = runAuditReconciler(ctx, open, { delayMs: 0, retryMinMs: 5, retryMaxMs: 20 })
  return async () => {
    term.abort()
    await kept
  }
}

async function as(namespace: string, name: string): Promise<Kube> {
  const token = await cluster.issueToken(namespace, name)
  const kubeconfig = parse(cluster.kubeconfig)
  for (const user of kubeconfig.users) user.user = { token }
  return connectKube({ kubeconfigText: stringify(kubeconfig) })
}

async function seal(ref: { namespace: string; name: string }): Promise<ModelBinding> {
  const binding = await kube.get(ModelBinding, ref)
  const digest = `sha256:${'1'.repeat(64)}`
  const previewedAt = '2026-11-26T10:00:00Z'
  const seal = { generation: 1, run: 'bind-x-1', digest, changes: [], previewedAt }
  return kube.replaceStatus(ModelBinding, { ...binding, status: { seal } })
}

async function records() {
  const all = await store.listAudit({}, { limit: 200 })
  return all.map(({ content }) => content).reverse()
}

async function trailOf(name: string): Promise<string[]> {
  const all = await records()
  return all.filter(({ on }) => on.name === name).map(({ what, who }) => `${what} ${who}`)
}

async function runTrail(name: string): Promise<string> {
  return (await trailOf(name)).join(', ')
}

function eventually(holds: () => Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 30_000 })
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { beginEnd } from '#server/access/machine/binding-status.ts'
import { policyName, rightsName } from '#server/access/model/binding-names.ts'
import { decide } from '#server/access/model/decide.ts'
import { ModelBinding, type Strategy } from '#server/access/model/model-binding.ts'
import { verifyReceipt } from '#server/access/tasks/verify-receipt.ts'
import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { bundleServer } from '#server/lab/demo/bundle/bundle-server.ts'
import { demoImages } from '#server/lab/demo/images.ts'
import { writeOverlay } from '#server/lab/demo/write-overlay.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import {
  ConfigMap,
  Deployment,
  NetworkPolicy,
  Pod,
  RoleBinding,
  Service,
} from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { failedStep } from '#server/runs/model/run-result.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { runState } from '#server/runs/views/run-view.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { moveShare } from '#server/serving/verbs/move-share.ts'
import { promoteCanary } from '#server/serving/verbs/promote-canary.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { minuteMs, storyScene } from '#server/testing/access/story-fixture.ts'
import { databaseUrl } from '#server/testing/database-url.ts'

const serving = 'model-serving-prod'
const namespace = 'research-team-a'
let directory: string
let cluster: Awaited<ReturnType<typeof startCluster>>
let admin: Kube

const { ended, engineRuns, grace, reaches, removesStray, started, write } = storyScene(() => admin)

beforeAll(async () => {
  mkdirSync('.bindery', { recursive: true })
  directory = mkdtempSync(resolve('.bindery/story-'))
  const bundleDir = join(directory, 'bundle')
  await bundleServer(process.cwd(), bundleDir)
  const images = demoImages({
    root: directory,
    bundleDir,
    signatures: join(directory, 'signatures.json'),
  })
  const overlay = join(directory, 'overlay')
  const base = resolve('manifests/overlays/embedded')
  writeOverlay(overlay, base, { ...images, databaseUrl: await databaseUrl() })
  const stateDir = join(directory, 'cluster')
  cluster = await startCluster({ manifests: overlay, images: images.table, stateDir })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  await vi.waitFor(
    async () => {
      const service = await admin.get(ModelService, { namespace: serving, name: 'vibethinker' })
      expect(conditionOf(service.status?.conditions, 'Ready')?.status).toBe('True')
      expect(service.status?.engines?.[0]?.digest).toMatch(/^sha256:/)
    },
    { timeout: minuteMs, interval: 200 },
  )
}, 2 * minuteMs)

afterAll(async () => {
  await admin?.close()
  await cluster?.close()
  rmSync(directory, { recursive: true, force: true })
})

test.each<Strategy>(['ExternalName', 'EndpointSlice'])(
  'with controller, gateway and engine as pods, %s is granted, proven, and proven gone',
  async (strategy) => {
    const alias = strategy.toLowerCase()
    await admin.create(ModelBinding, {
      ...sampleBinding({ alias, strategy }),
      metadata: { namespace, name: alias, annotations: sampleBinding().metadata.annotations },
    })
    await reaches(alias, 'AwaitingApproval')
    await write(alias, (binding) => {
      const { digest = '', generation = 1 } = binding.status?.seal ?? {}
      const input = { decision: 'approve' as const, digest, generation, comment: '' }
      return decide(binding, sampleService(), input, 'grace', new Date())
    })
    const ready = await reaches(alias, 'Usable')
    expect(ready.status?.receipt?.address).toBe(
      `http://${alias}.${namespace}.svc.cluster.local:8080`,
    )
    const { checks = [], signature, firstTokenMs } = ready.status?.receipt ?? {}
    expect(checks.map(({ check }) => check)).toEqual([
      'resolves',
      'connects',
      'lists-model',
      'first-token',
      'from-tenant',
      'outsider-refused',
    ])
    // By a pod of the tenant's own, under the name that its pods use; the policy of the grant lets it through.
    const tried = checks.find(({ check }) => check === 'from-tenant')
    expect(tried).toMatchObject({
      saw: expect.stringMatching(`^${namespace}: ${alias}:8080 at .* gave a token of`),
    })
    expect(tried?.skipped).toBeUndefined()
    expect(checks.at(-1)).toMatchObject({ saw: expect.stringMatching(/^403 .*no access/) })
    expect(firstTokenMs).toBe(tried?.ms)
    expect(signature?.verifiedAt).toBeDefined()
    await verifyReceipt(admin, { namespace, name: alias }, serving)

    if (strategy === 'EndpointSlice') await removesStray(alias)
    await write(alias, (binding) => {
      const end = { reason: 'Revoked' as const, by: 'grace', comment: '', generation: 1 }
      return beginEnd(binding, end, new Date())
    })
    const ended = await vi.waitFor(
      async () => {
        const binding = await admin.get(ModelBinding, { namespace, name: alias })
        expect(binding.status?.end?.provenAt).toBeDefined()
        return binding
      },
      { timeout: minuteMs },
    )
    const { proof } = ended.status?.end ?? {}
    expect(proof).toMatchObject({
      refused: expect.stringMatching(/^403 .*has ended/),
      askedAt: ended.status?.end?.at,
      signature: { verifiedAt: expect.any(String) },
    })
    // The second by which the end's own time is cut, the watch of the gateway, and whatever else this machine does.
    expect(proof?.cutMs).toBeLessThan(20_000)
    expect(proof?.cutAnswers).toBe(0)
    expect(proof?.checks?.map(({ check, skipped }) => [check, skipped])).toEqual([
      ['nothing-left', undefined],
      ['refused', undefined],
      ['tenant-refused', undefined],
    ])
    // No policy lets the namespace through any more: not even the refusal reaches it.
    expect(proof?.checks?.at(-1)?.saw).toMatch(new RegExp(`^${namespace}: vibethinker-svc.*answer`))
    expect(await admin.find(Pod, { namespace, name: 'bindery-probe' })).toBeUndefined()
    await verifyReceipt(admin, { namespace, name: alias }, serving)
    await refuteTouched(ended)
    expect(await admin.find(Service, { namespace, name: alias })).toBeUndefined()
    const labelSelector = `bindery.dev/binding-uid=${ended.metadata.uid}`
    expect(await admin.list(NetworkPolicy, { namespace: serving, labelSelector })).toEqual([])
  },
  2 * minuteMs,
)

test(
  'a canary is started from a signed image and from no other, and promoted',
  async () => {
    const signed = await started('next', 'vibethinker-canary')
    expect(runState(signed)).toBe('succeeded')
    const digest = signed.status?.results?.find((result) => result.name === 'digest')?.value
    expect(digest).toMatch(/^sha256:/)
    await engineRuns('canary', String(digest))
    const before = await admin.get(ModelService, { namespace: serving, name: 'vibethinker' })
    expect(before.status?.engines?.[0]?.digest).not.toBe(digest)

    const why = 'It did well.'
    const { name } = await promoteCanary(grace(), { namespace: serving, name: 'vibethinker', why })
    expect(runState(await ended(name))).toBe('succeeded')
    const { spec } = await admin.get(Deployment, { namespace: serving, name: 'vibethinker-app' })
    expect(JSON.stringify(spec)).toContain(digest)
    await engineRuns('stable', String(digest))

    const unsigned = await started('unsigned')
    expect(runState(unsigned)).toBe('failed')
    expect(failedStep(unsigned)).toBe('verify-image')
  },
  2 * minuteMs,
)

test(
  'what is deployed is what this run verified, whatever a workspace says',
  async () => {
    const digestOf = (run: TaskRun) => String(run.status?.results?.find(isDigest)?.value)
    const unsigned = digestOf(await started('unsigned', 'vibethinker-canary'))
    // As where the policy that keeps workspaces apart is not installed.
    const policy = 'validatingadmissionpolicybindings.admissionregistration.k8s.io'
    cluster.client.remove(policy, undefined, 'bindery-runs')
    const image = 'localhost/bindery-demo-engine'
    const lie = JSON.stringify({ image, tag: 'latest', digest: unsigned })
    const metadata = { namespace: serving, name: 'lies' }
    const data = { 'image.json': lie, reference: `${image}@${unsigned}`, digest: unsigned }
    await admin.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
    const shared = { name: 'shared-data', configMap: { name: 'lies' } }
    const run = await started('latest', 'vibethinker-canary', [shared])
    expect(runState(run)).toBe('succeeded')
    const ref = { namespace: serving, name: 'vibethinker-canary' }
    const { spec } = await admin.get(Deployment, ref)
    expect(JSON.stringify(spec)).toContain(`"image":"${image}@${digestOf(run)}"`)
    expect(digestOf(run)).not.toBe(unsigned)

    const resources = { requests: { storage: '1Mi' } }
    const template = { spec: { accessModes: ['ReadWriteMany'], resources } }
    const claim = { name: 'shared-data', volumeClaimTemplate: template }
    expect(failedStep(await started('latest', 'vibethinker-canary', [claim]))).toBe('resolve-image')
  },
  2 * minuteMs,
)

test(
  'edits by hand are seen and put back; a policy whose binding lost its finalizer is swept',
  async () => {
    const name = 'orphan'
    await admin.create(ModelBinding, {
      ...sampleBinding({ alias: name }),
      metadata: { namespace, name, annotations: sampleBinding().metadata.annotations },
    })
    await reaches(name, 'AwaitingApproval')
    await write(name, (binding) => {
      const { digest = '' } = binding.status?.seal ?? {}
      const input = { decision: 'approve' as const, digest, generation: 1, comment: '' }
      return decide(binding, sampleService(), input, 'grace', new Date())
    })
    const { metadata } = await reaches(name, 'Usable')
    await mendsEdits(name)
    await movesToCanary(name)
    // The admission policy lets nobody do so over the API: this is how it looks where the policy is not installed.
    const held = { metadata: { finalizers: null } }
    cluster.client.patch('modelbindings.bindery.dev', namespace, name, held)
    await admin.remove(ModelBinding, { namespace, name })
    const labelSelector = `bindery.dev/binding-uid=${metadata.uid}`
    await vi.waitFor(
      async () => {
        expect(await admin.list(NetworkPolicy, { namespace: serving, labelSelector })).toEqual([])
        expect(await admin.find(Service, { namespace, name })).toBeUndefined()
      },
      { timeout: minuteMs },
    )
  },
  2 * minuteMs,
)

/** With its namespace, by a run whose probe is answered by the engine of that ring; and no drift comes of it. */
async function movesToCanary(name: string): Promise<void> {
  const share = { ring: 'canary' as const, namespaces: [namespace] }
  const asked = { namespace: serving, name: 'vibethinker', share, comment: '' }
  const only = [{ namespace, name, from: 'stable', to: 'canary' }]
  expect((await moveShare(grace(), { ...asked, preview: true })).moves).toEqual(only)
  // Who decides in the serving namespace alone is told of each binding why it stays, by a key of the message files.
  const why = { key: 'mayNot', values: { verb: 'approve', resource: 'modelbindings', namespace } }
  const authorize: BindingContext['authorize'] = async ({ namespace: where }) => {
    if (where !== serving) throw new AppError('forbidden', 'You may not.', why)
  }
  expect(await moveShare({ ...grace(), authorize }, { ...asked, preview: false })).toEqual({
    moves: only,
    failed: [{ ...only[0], message: 'You may not.', ...why }],
  })
  expect(await moveShare(grace(), { ...asked, preview: false })).toEqual({
    moves: only,
    failed: [],
  })
  await vi.waitFor(
    async () => {
      const { status } = await admin.get(ModelBinding, { namespace, name })
      expect(status?.granted?.ring).toBe('canary')
      expect(conditionOf(status?.conditions, 'Provisioned')?.status).toBe('True')
    },
    { timeout: minuteMs, interval: 100 },
  )
  const { status } = await admin.get(ModelBinding, { namespace, name })
  expect(conditionOf(status?.conditions, 'Drifted')?.status).toBe('False')
  expect((await moveShare(grace(), { ...asked, preview: true })).moves).toEqual([])
}

/** An alias that was led elsewhere, a policy that was deleted, and a right that was taken away, all at once. */
async function mendsEdits(name: string): Promise<void> {
  const binding = await admin.get(ModelBinding, { namespace, name })
  const { externalName } = (await admin.get(Service, { namespace, name })).spec
  const policy = { namespace: serving, name: policyName(binding) }
  const right = { namespace, name: rightsName(binding, 'binder') }
  await admin.patch(Service, { namespace, name }, { spec: { externalName: 'evil.example.com' } })
  await admin.remove(NetworkPolicy, policy)
  await admin.remove(RoleBinding, right)
  const drifted = () => admin.get(ModelBinding, { namespace, name })
  await vi.waitFor(
    async () => {
      const { status } = await drifted()
      expect(conditionOf(status?.conditions, 'Drifted')).toBeDefined()
      expect(status?.drift?.changes.length).toBeGreaterThan(0)
    },
    { timeout: 30_000, interval: 10 },
  )
  const { status } = await vi.waitFor(
    async () => {
      const now = await drifted()
      expect(conditionOf(now.status?.conditions, 'Drifted')?.reason).toBe('Repaired')
      return now
    },
    { timeout: minuteMs, interval: 100 },
  )
  expect((await admin.get(Service, { namespace, name })).spec.externalName).toBe(externalName)
  expect(await admin.find(NetworkPolicy, policy)).toBeDefined()
  expect(await admin.find(RoleBinding, right)).toBeDefined()
  // It was a run, of the plan that was approved, and it says what it was for.
  const run = await admin.get(TaskRun, { namespace: serving, name: status?.drift?.run ?? '' })
  expect(run.spec.params).toContainEqual({ name: 'digest', value: status?.granted?.digest })
  expect(run.metadata.annotations?.['bindery.dev/reason']).toContain('evil.example.com')
  expect(conditionOf(status?.conditions, 'Ready')?.status, 'access stood all the while').toBe(
    'True',
  )
}

function isDigest(result: { name: string }): boolean {
  return result.name === 'digest'
}

/** Who edits what a binding keeps is found out. */
async function refuteTouched(ended: ModelBinding): Promise<void> {
  const { name } = ended.metadata
  const cutMs = (ended.status?.end?.proof?.cutMs ?? 0) + 1
  const cut = { status: { end: { proof: { cutMs } } } }
  await admin.patch(ModelBinding, { namespace, name }, cut, { subresource: 'status' })
  await expect(verifyReceipt(admin, { namespace, name }, serving)).rejects.toThrow('does not hold')
}

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Deployment } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { ReplicaSet, Rollout } from '#server/platform/kube/rollout.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { deployEngine } from './deploy-engine.ts'
import { steerRollout } from './steer-rollout.ts'

const serving = 'model-serving-prod'
const ref = { namespace: serving, name: 'vibethinker-app' }
const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let admin: Kube
let deployer: Kube

beforeAll(async () => {
  const manifests = 'manifests/overlays/embedded'
  cluster = await startCluster({ port: 0, manifests, signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  deployer = await asDeployer()
})

afterAll(async () => {
  ending.abort()
  await cluster?.close()
})

test('where Argo Rollouts is not installed, asking says so', async () => {
  await expect(deployer.find(Rollout, ref)).rejects.toMatchObject({
    details: { key: 'kube.kindNotServed' },
  })
})

test('a rollout is promoted, paused, aborted and undone by the patches of its own command', async () => {
  const before = await admin.get(Deployment, ref)
  await installRollouts()
  const { metadata } = await admin.create(Rollout, rollout())
  const steered = async (action: Parameters<typeof steerRollout>[2], status: object = {}) => {
    const live = await admin.get(Rollout, ref)
    await admin.replaceStatus(Rollout, { ...live, status })
    await steerRollout(deployer, ref, action)
    return admin.get(Rollout, ref)
  }
  // Started by hand as well, there would be two engines behind one Service.
  const engine = { ...ref, reference: `x@sha256:${'a'.repeat(64)}`, command: [], gpus: 0 }
  await expect(deployEngine(deployer, engine)).rejects.toThrow('is an Argo Rollout')
  expect((await admin.get(Deployment, ref)).metadata.generation).toBe(before.metadata.generation)

  const pausedStatus = {
    currentStepIndex: 1,
    pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-11-26T10:00:00Z' }],
  }
  // Either the pause is lifted or a step is left behind, never both.
  const lifted = await steered('promote', pausedStatus)
  expect(lifted.status).toEqual({ currentStepIndex: 1 })
  expect((await steered('promote', { currentStepIndex: 1 })).status).toEqual({
    currentStepIndex: 2,
  })
  expect((await steered('promote', { currentStepIndex: 3 })).status).toEqual({
    currentStepIndex: 3,
  })
  const full = await steered('promote-full', { currentPodHash: 'b', stableRS: 'a' })
  expect(full.status?.promoteFull).toBe(true)
  const stable = await steered('promote-full', { currentPodHash: 'a', stableRS: 'a' })
  expect(stable.status?.promoteFull).toBeUndefined()

  expect((await steered('pause')).spec.paused).toBe(true)
  expect((await steered('promote', pausedStatus)).spec.paused).toBe(false)
  expect((await steered('abort')).status?.abort).toBe(true)
  expect((await steered('retry', { abort: true })).status?.abort).toBe(false)

  await expect(steerRollout(deployer, ref, 'undo')).rejects.toThrow('no revision before')
  for (const [name, revision, owner] of [
    ['first', '1', metadata.uid],
    ['second', '2', metadata.uid],
    ['foreign', '1', 'another'],
  ] as const) {
    await admin.create(ReplicaSet, replicaSet(name, revision, owner))
  }
  const undone = await steered('undo')
  expect(undone.spec.template?.metadata?.labels).toEqual({ app: 'engine' })
  expect(undone.spec.template).toMatchObject({
    spec: { containers: [{ name: 'engine', image: 'localhost/engine:first' }] },
  })
})

function template(tag: string, labels: object = {}) {
  const spec = { containers: [{ name: 'engine', image: `localhost/engine:${tag}` }] }
  return { metadata: { labels: { app: 'engine', ...labels } }, spec }
}

function rollout(): Rollout {
  const steps = [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }]
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: ref,
    spec: {
      selector: { matchLabels: { app: 'engine' } },
      template: template('second'),
      strategy: { canary: { steps } },
    },
  }
}

function replicaSet(name: string, revision: string, uid = ''): ReplicaSet {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: ref.name, uid }
  const spec = {
    replicas: 0,
    selector: { matchLabels: { app: 'engine', 'rollouts-pod-template-hash': name } },
    template: template(name, { 'rollouts-pod-template-hash': name }),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: serving,
      name: `${ref.name}-${name}`,
      labels: { app: 'engine' },
      annotations: { 'rollout.argoproj.io/revision': revision },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec,
  }
}

/** As much of Argo's CRD as says what it serves: open fields, and a status of its own as since v0.10. */
async function installRollouts(): Promise<void> {
  const crd: Kind<KubeObject & { spec: unknown }> = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  }
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const properties = { spec: open, status: open }
  const version = {
    name: 'v1alpha1',
    served: true,
    storage: true,
    subresources: { status: {} },
    schema: { openAPIV3Schema: { type: 'object', properties } },
  }
  await admin.create(crd, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'rollouts.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: { kind: 'Rollout', listKind: 'RolloutList', plural: 'rollouts', singular: 'rollout' },
      versions: [version],
    },
  })
  await vi.waitFor(() => admin.list(Rollout, { namespace: serving }), { timeout: 30_000 })
}

async function asDeployer(): Promise<Kube> {
  const token = await cluster.issueToken(serving, 'bindery-deployer')
  const kubeconfig = parse(cluster.kubeconfig)
  for (const user of kubeconfig.users) user.user = { token }
  return connectKube({ kubeconfigText: stringify(kubeconfig) })
}

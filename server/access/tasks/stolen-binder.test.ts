import { expect, test } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { Pod, Service, ServiceAccount } from '#server/platform/kube/kinds.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { binderFieldManager } from '#server/platform/model/names.ts'
import { refusal, sceneOfAttacks } from '#server/testing/access/attacks.ts'
import { namespace, serving } from '#server/testing/access/plan-fixture.ts'
import { probePodOf } from './probe-pod.ts'

// What whoever stole the token of the steps that carry out a plan may try with it.

const scene = sceneOfAttacks((signal) =>
  startCluster({ port: 0, manifests: 'manifests/overlays/embedded', signal }),
)
const { as, bindersRole, give } = scene
const asBinder = { fieldManager: binderFieldManager, force: true }

test('a stolen binder token opens no namespace without a binding, and no secrets anywhere', async () => {
  const binder = await as(serving, 'bindery-binder')
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'research-team-b', name: 'foothold' },
    spec: { type: 'ExternalName', externalName: `vibethinker-svc.${serving}.svc.cluster.local` },
  }
  expect(await refusal(binder.create(Service, service))).toContain('may not create')
  const secrets: Kind<KubeObject> = {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    namespaced: true,
  }
  for (const where of [serving, namespace, 'bindery-system']) {
    expect(await refusal(binder.list(secrets, { namespace: where }))).toContain('may not list')
  }
  const decided = { ...(await binder.get(ModelBinding, { namespace, name: 'theirs' })), status: {} }
  expect(await refusal(binder.replaceStatus(ModelBinding, decided))).toContain('may not update')
})

test('a stolen binder token makes no pod in a team’s namespace but the one that tries its access', async () => {
  await bindersRole()
  const binder = await as(serving, 'bindery-binder')
  const { metadata: theirs } = await scene.root.get(ModelBinding, { namespace, name: 'theirs' })
  const binding = { namespace, name: 'theirs', uid: theirs.uid ?? '', generation: 1 }
  const asked = { expect: 'access' as const, address: 'http://alias:8080', model: 'm' }
  const honest = probePodOf({ binding }, 'localhost/bindery:dev', asked)
  const { spec } = honest
  const [container] = spec.containers
  const sealed = (container as { securityContext?: object }).securityContext
  const exec = { command: ['/nodejs/bin/node', '-e', 'anything'] }
  const worse: [Partial<Pod['spec']> | { metadata: Pod['metadata'] }, string][] = [
    [{ metadata: { ...honest.metadata, name: 'foothold' } }, 'may not'],
    [{ containers: [{ ...container!, image: 'evil.example.com/bindery' }] }, 'own image'],
    [{ containers: [container!, { ...container!, name: 'second' }] }, 'nothing beside it'],
    [containerWith({ args: ['task', 'remove-plan'] }), 'own arguments'],
    [containerWith({ command: ['/bin/sh'] }), 'own arguments'],
    [
      containerWith({ env: [{ name: 'NODE_OPTIONS', value: '--require=/tmp/x' }] }),
      'own arguments',
    ],
    // Whatever the kubelet would run in it besides.
    [containerWith({ lifecycle: { postStart: { exec } } }), 'own arguments'],
    [containerWith({ livenessProbe: { exec } }), 'own arguments'],
    [containerWith({ startupProbe: { exec } }), 'own arguments'],
    [specWith({ initContainers: [{ ...container!, name: 'before' }] }), 'nothing beside it'],
    [containerWith({ securityContext: { privileged: true } }), 'no privileges'],
    [containerWith({ securityContext: { ...sealed, procMount: 'Unmasked' } }), 'no privileges'],
    [
      containerWith({ securityContext: { ...sealed, seccompProfile: { type: 'Unconfined' } } }),
      'no privileges',
    ],
    [specWith({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'no privileges'],
    [specWith({ shareProcessNamespace: true }), 'no privileges'],
    // Chosen by hand, a node is not judged by its taints.
    [specWith({ nodeName: 'control-plane' }), 'no privileges'],
    [specWith({ hostNetwork: true }), 'no privileges'],
    [
      specWith({ volumes: [{ name: 'gateway-token', secret: { secretName: 'theirs' } }] }),
      'a token',
    ],
    [specWith({ automountServiceAccountToken: true }), 'a token'],
    [specWith({ serviceAccountName: 'powerful', serviceAccount: 'powerful' }), 'a token'],
    [specWith({ activeDeadlineSeconds: 86_400 }), 'ends by itself'],
  ]
  await scene.root.create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: 'powerful' },
  })
  for (const [change, why] of worse) {
    const { metadata = honest.metadata, ...rest } = { metadata: honest.metadata, ...change }
    const pod = { ...honest, metadata, spec: { ...spec, ...rest } }
    expect(await refusal(binder.apply(Pod, pod, asBinder)), JSON.stringify(change)).toContain(why)
    // RBAC does not know the name of what is posted: nothing may be.
    expect(await refusal(binder.create(Pod, pod)), JSON.stringify(change)).toContain(
      'may not create',
    )
  }
  const generated = { namespace, name: '', generateName: honest.metadata.name }
  expect(await refusal(binder.create(Pod, { ...honest, metadata: generated }))).toContain('may not')
  const controller = await as('bindery-system', 'bindery-controller')
  expect(await refusal(controller.apply(Pod, honest, asBinder))).toContain('may not')
  await give('controllers-own', 'bindery-tenant-binder', {
    namespace: 'bindery-system',
    name: 'bindery-controller',
  })
  expect(await refusal(controller.apply(Pod, honest, asBinder))).toContain('makes no pods')
  await binder.apply(Pod, honest, asBinder)
  const longer = { ...honest, spec: { ...spec, activeDeadlineSeconds: 60 } }
  expect(await refusal(binder.apply(Pod, longer, asBinder))).toContain('makes no pods')
  const other = { namespace, name: 'theirs-alone' }
  await scene.root.create(Pod, { ...honest, metadata: other })
  expect(await refusal(binder.remove(Pod, other))).toContain('may not delete')
  expect(await refusal(binder.get(Pod, other))).toContain('may not get')
  for (const name of [honest.metadata.name, other.name])
    await scene.root.remove(Pod, { namespace, name })

  function specWith(more: object): Partial<Pod['spec']> {
    return { ...spec, ...more }
  }

  function containerWith(more: object): Partial<Pod['spec']> {
    return { containers: [{ ...container!, ...more }] }
  }
})

import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { controllerMetrics } from '#server/access/reconciler/controller-metrics.ts'
import { runController } from '#server/access/reconciler/run-controller.ts'
import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { decideBinding } from '#server/access/verbs/decide-binding.ts'
import { getBinding } from '#server/access/verbs/get-binding.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { NetworkPolicy, RoleBinding } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { createLog } from '#server/platform/log.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { Task } from '#server/runs/model/task-run.ts'
import type { FaultProxy } from './lost-write-proxy.ts'
import { sampleBinding } from './sample-objects.ts'

export const serving = 'model-serving-prod'

/** An embedded cluster with our manifests and people, and controllers that a test starts and stops. */
export function controllerScene() {
  const log = createLog('test', 'error')
  const ending = new AbortController()
  let cluster: Awaited<ReturnType<typeof startCluster>>
  let admin: Kube
  let web: Kube

  beforeAll(async () => {
    cluster = await startCluster({
      port: 0,
      manifests: 'manifests/overlays/embedded',
      images: { 'localhost/busybox:1': busyboxImage() },
      signal: ending.signal,
    })
    admin = connectKube({ kubeconfigText: cluster.kubeconfig })
    web = await as('bindery-system', 'bindery-web')
    await shortTasks()
  })

  afterAll(async () => {
    ending.abort()
    await cluster?.close()
  })

  function wish(alias: string) {
    const { durationDays, justification, modelService, purpose, quota, strategy } =
      sampleBinding().spec
    const rest = { durationDays, justification, modelService, purpose, quota, strategy }
    return { namespace: 'research-team-a', alias, ...rest }
  }

  function ref(name: string) {
    return { namespace: 'research-team-a', name }
  }

  /** A person as the web would speak for them: every right comes from a SubjectAccessReview. */
  function person(user: string, ...groups: string[]): BindingContext {
    const all = [...groups, 'system:authenticated']
    const may: BindingContext['may'] = ({ resource, ...access }) => {
      const [plural = '', ...group] = resource.split('.')
      return web.mayAccess({
        user,
        groups: all,
        group: group.join('.'),
        resource: plural,
        ...access,
      })
    }
    return {
      actor: { type: 'person', user, name: user, groups: all },
      kube: web,
      log,
      now: () => new Date(),
      signal: ending.signal,
      servingNamespace: serving,
      redaction: redactionBy(),
      note() {},
      may,
      mayCached: may,
      authorize: async (access) => {
        if (!(await may(access))) throw Object.assign(new Error('forbidden'), { code: 'forbidden' })
      },
    }
  }

  async function decide(
    name: string,
    decision: 'approve' | 'deny',
    comment = '',
    at = ref(name),
    grace = person('grace', 'bindery-admins'),
  ) {
    const { seal, generation } = await getBinding(grace, at)
    const digest = seal?.digest ?? ''
    return decideBinding(grace, { ...at, decision, digest, generation, comment })
  }

  function approve(name: string) {
    return decide(name, 'approve')
  }

  function until(
    name: string,
    holds: (view: Awaited<ReturnType<typeof getBinding>>) => boolean,
    namespace = 'research-team-a',
  ) {
    const grace = person('grace', 'bindery-admins')
    return vi.waitFor(
      async () => {
        const view = await getBinding(grace, { namespace, name })
        if (!holds(view)) throw new Error(`${view.state} ${JSON.stringify(view.conditions)}`)
        return view
      },
      { timeout: 40_000, interval: 50 },
    )
  }

  async function gone<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string) {
    await vi.waitFor(
      async () => expect(await admin.find(kind, { namespace, name })).toBeUndefined(),
      { timeout: 30_000 },
    )
  }

  async function rightsLeft(namespace: string, uid: string): Promise<string[]> {
    const labelSelector = `bindery.dev/binding-uid=${uid}`
    const found = await admin.list(RoleBinding, { namespace, labelSelector })
    return found.map((one) => one.metadata.name)
  }

  async function policiesOf(namespace: string): Promise<string[]> {
    const labelSelector = `bindery.dev/binding-namespace=${namespace}`
    const found = await admin.list(NetworkPolicy, { namespace: serving, labelSelector })
    return found.map((one) => one.metadata.name)
  }

  /** The same Tasks with steps that need no image of ours: what they do is tested beside them. */
  async function shortTasks(probe = '', remove = 'echo removed') {
    const receipt = {
      at: '2026-11-24T08:00:00Z',
      address: 'http://x:1',
      model: 'test-model',
      firstTokenMs: 1,
    }
    const script = probe || `printf '%s' '${JSON.stringify(receipt)}' > $(results.receipt.path)`
    const scripts: Record<string, Record<string, string>> = {
      'bind-namespace': { 'apply-plan': 'echo applied', probe: script },
      'unbind-namespace': { 'remove-plan': remove, 'prove-gone': 'echo gone' },
    }
    for (const [name, steps] of Object.entries(scripts)) {
      const task = await admin.get(Task, { namespace: serving, name })
      await admin.replace(Task, {
        ...task,
        spec: {
          ...task.spec,
          steps: Object.entries(steps).map(([step, text]) => ({
            name: step,
            image: 'localhost/busybox:1',
            script: `#!/bin/sh\n${text}\n`,
          })),
        },
      })
    }
  }

  async function as(namespace: string, name: string, server?: string): Promise<Kube> {
    const token = await cluster.issueToken(namespace, name)
    const kubeconfig = parse(cluster.kubeconfig)
    for (const user of kubeconfig.users) user.user = { token }
    if (server) kubeconfig.clusters[0].cluster = { server, 'insecure-skip-tls-verify': true }
    return connectKube({ kubeconfigText: stringify(kubeconfig) })
  }

  async function startController(
    options: { faults?: FaultProxy; aheadMs?: number; leaseSeconds?: number } = {},
  ): Promise<() => Promise<void>> {
    const term = new AbortController()
    const kube = await as('bindery-system', 'bindery-controller', options.faults?.url)
    const ctx = {
      kube,
      log,
      now: () => new Date(kube.now().getTime() + (options.aheadMs ?? 0)),
      signal: term.signal,
      servingNamespace: serving,
      clusterDomain: 'cluster.local',
    }
    const identity = `test-${Math.random()}`
    const running = runController(ctx, {
      namespace: 'bindery-system',
      identity,
      leaseSeconds: options.leaseSeconds ?? 3,
      metrics: controllerMetrics(new Registry()),
    })
    return async () => {
      term.abort()
      await running
      await kube.close()
    }
  }

  return {
    admin: () => admin,
    kubeconfig: () => cluster.kubeconfig,
    ...{
      as,
      wish,
      ref,
      person,
      decide,
      approve,
      until,
      gone,
      rightsLeft,
      policiesOf,
      shortTasks,
      startController,
    },
  }
}

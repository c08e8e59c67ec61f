import { expect, vi } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { EndpointSlice, Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { createLog } from '#server/platform/log.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { Task, TaskRun } from '#server/runs/model/task-run.ts'
import { runOfTask } from '#server/runs/verbs/run-of-task.ts'
import { runState } from '#server/runs/views/run-view.ts'
import { ModelService, type Ring } from '#server/serving/model/model-service.ts'

const serving = 'model-serving-prod'
const namespace = 'research-team-a'
export const minuteMs = 60_000

/** What is done and waited for in a cluster in which everything of ours runs as pods. */
export function storyScene(admin: () => Kube) {
  /** An administrator, as the cluster knows her. */
  function grace(): BindingContext {
    const groups = ['bindery-admins', 'system:authenticated']
    const may: BindingContext['may'] = ({ resource, ...access }) => {
      const [plural = '', ...group] = resource.split('.')
      const about = { group: group.join('.'), resource: plural }
      return admin().mayAccess({ user: 'grace', groups, ...about, ...access })
    }
    return {
      actor: { type: 'person', user: 'grace', name: 'Grace', groups },
      kube: admin(),
      log: createLog('test', 'error'),
      now: () => new Date(),
      signal: new AbortController().signal,
      servingNamespace: serving,
      redaction: redactionBy(),
      note() {},
      may,
      mayCached: may,
      authorize: async (access) => expect(await may(access)).toBe(true),
    }
  }

  async function engineRuns(ring: Ring, digest: string): Promise<void> {
    await vi.waitFor(
      async () => {
        const { status } = await admin().get(ModelService, {
          namespace: serving,
          name: 'vibethinker',
        })
        const engine = status?.engines?.find((one) => one.ring === ring)
        expect(engine).toMatchObject({ digest, readyReplicas: 1 })
      },
      { timeout: minuteMs, interval: 100 },
    )
  }

  /** A run of start-vibethinker-service as an administrator starts it, at its end. */
  async function started(
    imageTag: string,
    serviceName = 'vibethinker-app',
    workspaces?: Record<string, unknown>[],
  ): Promise<TaskRun> {
    const task = await admin().get(Task, { namespace: serving, name: 'start-vibethinker-service' })
    const params = [
      { name: 'imageTag', value: imageTag },
      { name: 'serviceName', value: serviceName },
    ]
    const run = runOfTask(task, { params, startedBy: 'grace', why: 'A test.' })
    // Tries again where it failed: here the failure is what is looked for.
    const { metadata } = await admin().create(TaskRun, {
      ...run,
      spec: { ...run.spec, retries: 0, ...(workspaces ? { workspaces } : {}) },
    })
    return ended(metadata.name)
  }

  function ended(name: string): Promise<TaskRun> {
    return vi.waitFor(
      async () => {
        const now = await admin().get(TaskRun, { namespace: serving, name })
        expect(runState(now)).toMatch(/succeeded|failed/)
        return now
      },
      { timeout: minuteMs, interval: 200 },
    )
  }

  async function write(
    name: string,
    status: (binding: ModelBinding) => ModelBinding['status'],
  ): Promise<void> {
    await vi.waitFor(async () => {
      const binding = await admin().get(ModelBinding, { namespace, name })
      await admin().replaceStatus(ModelBinding, { ...binding, status: status(binding) })
    }, 30_000)
  }

  /** Waits for the reason of the condition Ready; says what the run's pods said where it does not come. */
  async function reaches(name: string, reason: string): Promise<ModelBinding> {
    return vi.waitFor(
      async () => {
        const binding = await admin().get(ModelBinding, { namespace, name })
        const ready = conditionOf(binding.status?.conditions, 'Ready')
        if (ready?.reason === reason) return binding
        throw new Error(`${ready?.reason}: ${ready?.message}\n${await logOf(binding)}`)
      },
      { timeout: minuteMs, interval: 100 },
    )
  }

  /** A slice of somebody else that names the alias leads its callers elsewhere: noticed, and gone. */
  async function removesStray(alias: string): Promise<void> {
    const name = `${alias}-thief`
    await admin().create(EndpointSlice, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace, name, labels: { 'kubernetes.io/service-name': alias } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    })
    await vi.waitFor(
      async () => {
        expect(await admin().find(EndpointSlice, { namespace, name })).toBeUndefined()
        const { status } = await admin().get(ModelBinding, { namespace, name: alias })
        const drifted = conditionOf(status?.conditions, 'Drifted')
        expect(drifted).toMatchObject({ status: 'False', reason: 'Repaired' })
      },
      { timeout: 30_000, interval: 100 },
    )
  }

  async function logOf(binding: ModelBinding): Promise<string> {
    const labelSelector = `bindery.dev/binding-uid=${binding.metadata.uid}`
    const lines: string[] = []
    for (const pod of await admin().list(Pod, { namespace: serving, labelSelector })) {
      for (const { name: container, state } of pod.status?.containerStatuses ?? []) {
        if (!state?.terminated && !state?.running) continue
        const chunks = admin().followLog(
          { namespace: serving, name: pod.metadata.name },
          { container },
        )
        for await (const chunk of chunks) lines.push(Buffer.from(chunk).toString())
      }
    }
    return lines.join('')
  }

  return { ended, engineRuns, grace, reaches, removesStray, started, write }
}

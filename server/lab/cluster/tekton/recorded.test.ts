import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { buildPod } from './pod/build-pod.ts'
import { mountWorkspaces, workspaceVolumes } from './pod/workspace-volumes.ts'
import { checkRun } from './resolve-task.ts'
import { substituteBindings, substituteTask } from './substitute-task.ts'
import { conditionOf, statusFromPod } from './task-run-status.ts'
import type { TaskRunStatus } from './task-types.ts'
import { admitTaskRun, mutateTaskRun } from './validate/webhook.ts'

const directory = resolve('../shared/kube-recordings')
const images = { 'localhost/busybox:1': busyboxImage() }

type Line = { line?: { type: string; object: KubeObject } }
type Exchange = {
  note?: string
  request: { method: string; path: string; body?: Record<string, unknown> }
  response: { status: number; body: KubeObject & { message?: string }; stream?: Line[] }
}

function exchangesOf(prefix: string): Exchange[] {
  const file = readdirSync(directory).find((name) => name.startsWith(prefix))
  return JSON.parse(readFileSync(`${directory}/${file}`, 'utf8')).exchanges
}

describe.runIf(existsSync(directory))('what a real cluster did', () => {
  test.each(['10', '11', '16', '19'])('%s: the webhook answers alike', (prefix) => {
    for (const { request, response } of exchangesOf(prefix)) {
      if (request.method !== 'POST' || !request.path.endsWith('/taskruns')) continue
      const run = structuredClone(request.body) as KubeObject
      let refusal: string | undefined
      try {
        mutateTaskRun(run)
        admitTaskRun(run, undefined)
      } catch (error) {
        refusal = error instanceof Error ? error.message : String(error)
      }
      if (response.status === 201) expect(run.spec).toEqual(response.body.spec)
      expect(refusal).toBe(response.status === 201 ? undefined : response.body.message)
    }
  })

  test.each(['10', '11', '16', '20'])('%s: the pod is the same', (prefix) => {
    const exchanges = exchangesOf(prefix)
    const run = exchanges.find((one) => one.note?.endsWith(': at the end'))?.response.body
    const real = exchanges.find((one) => one.note?.endsWith('its pod at the end'))?.response.body
    if (!run || !real) throw new Error('not recorded')
    const task = run.spec.taskSpec ?? exchanges[0]?.response.body.spec
    const identity = { name: run.metadata.name, namespace: 'rec-a', spec: run.spec }
    checkRun(identity, { name: 'x', spec: task, labels: {}, annotations: {} })
    const bindings = substituteBindings(task, run.spec)
    const volumes = workspaceVolumes(bindings)
    const context = {
      ...identity,
      uid: run.metadata.uid,
      taskName: run.metadata.name,
      retryCount: 0,
    }
    const names = new Map([...volumes].map(([name, volume]) => [name, volume.name]))
    const ready = substituteTask(task, run.spec, context, names)
    expect(ready).toEqual(run.status.taskSpec)
    const pod = buildPod({ ...run, status: {} }, mountWorkspaces(ready, bindings, volumes), images)
    expect(pod.metadata).toMatchObject({ name: real.metadata.name, labels: real.metadata.labels })
    expect(pod.metadata.ownerReferences).toEqual(real.metadata.ownerReferences)
    expect(pod.spec.activeDeadlineSeconds).toBe(real.spec.activeDeadlineSeconds)
    expect(comparable(pod.spec)).toEqual(comparable(real.spec))
  })

  test.each(['10', '11', '15', '16', '18', '20'])('%s: the status says the same', (prefix) => {
    const exchanges = exchangesOf(prefix)
    const pods =
      exchanges.find((one) => /its pod, watched/.test(one.note ?? ''))?.response.stream ?? []
    const runs =
      exchanges.find((one) => /the TaskRun, watched/.test(one.note ?? ''))?.response.stream ?? []
    const statuses = runs.flatMap((one): TaskRunStatus[] => one.line?.object.status ?? [])
    const task = statuses.at(-1)?.taskSpec
    if (!task) throw new Error('not recorded')
    const byOthers = new Set(['TaskRunCancelled', 'TaskRunPending', 'TaskRunTimeout'])
    const said = statuses
      .filter((status) => !byOthers.has(conditionOf(status)?.reason ?? ''))
      .map(saidBy)
    let status: TaskRunStatus = { podName: '', steps: statuses.find((one) => one.podName)?.steps }
    const ours: string[] = []
    for (const { line } of pods) {
      if (
        !line ||
        line.object.metadata.deletionTimestamp ||
        line.object.status?.phase === 'Succeeded'
      )
        continue
      if (line.object.status?.phase === 'Failed') continue
      status = statusFromPod(status, line.object, task).status
      ours.push(saidBy(status))
    }
    expect([...new Set(ours)]).toEqual([...new Set(said)])
  })
})

/** Without what the API server and other controllers add, and what is random. */
function comparable(spec: KubeObject['spec']): unknown {
  const container = ({ terminationMessagePolicy: _, imagePullPolicy: __, ...one }: KubeObject) => ({
    ...one,
    resources: one.resources ?? {},
    terminationMessagePath: one.terminationMessagePath ?? '/dev/termination-log',
    volumeMounts: one.volumeMounts.filter(
      (mount: { name: string }) => !mount.name.startsWith('kube-api-access'),
    ),
  })
  const text = JSON.stringify({
    init: spec.initContainers.map(container),
    containers: spec.containers.map(container),
    volumes: spec.volumes
      .map((volume: { name: string }) => volume.name)
      .filter((name: string) => !name.startsWith('kube-api-access')),
  })
  return JSON.parse(
    text.replace(/(script-\d-)[a-z0-9]{5}/g, '$1X').replace(/ws-[0-9a-f]{5}/g, 'ws-X'),
  )
}

function saidBy(status: TaskRunStatus): string {
  const condition = conditionOf(status)
  const { conditions: _, startTime, completionTime, provenance, taskSpec, ...rest } = status
  return `${condition?.status}/${condition?.reason}: ${condition?.message} ${JSON.stringify(sorted(rest))}`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { failedWith, imageFailure, type Reconciled, retried, stopRun } from './end-task-run.ts'
import { ownedBy } from './pod/build-pod.ts'
import {
  createRunPod,
  findRunPod,
  releaseFirstStep,
  stoppedSidecars,
  stopSidecars,
} from './pod/run-pod.ts'
import { claimWorkspaces, workspaceVolumes } from './pod/workspace-volumes.ts'
import { checkRun, type ResolvedTask, resolveTask } from './resolve-task.ts'
import { substituteBindings, substituteTask } from './substitute-task.ts'
import { TaskRunFailure } from './task-run-failure.ts'
import { conditionOf, isDone, statusFromPod, timestamp, withCondition } from './task-run-status.ts'
import type { TaskRunSpec, TaskRunStatus, TaskSpec } from './task-types.ts'
import { featureFlags } from './tekton-settings.ts'
import { goQuote, parseGoDuration } from './validate/go-text.ts'

export type RunEnvironment = {
  client: ClusterClient
  images: ImageTable
  /** Milliseconds since the epoch at which the run's present attempt began, precise as its status is not. */
  startedMs: (run: KubeObject) => number
  warn: (run: KubeObject, reason: string, message: string) => void
}

/** The next state of a TaskRun, from the run and its pod as they are; makes or removes the pod on the way. */
export function reconcileTaskRun(env: RunEnvironment, run: KubeObject): Reconciled {
  // A stored TaskRun has passed the webhook, and its status was written here.
  const spec = run.spec as TaskRunSpec
  const status = (run.status ?? { podName: '' }) as TaskRunStatus
  const name = run.metadata.name
  if (isDone(status)) return { status: afterwards(env, run, status) }
  if (spec.status === 'TaskRunPending' && !status.startTime)
    return {
      status: withCondition(
        { ...status, podName: '' },
        {
          status: 'Unknown',
          reason: 'TaskRunPending',
          message: `TaskRun ${goQuote(name)} is pending`,
        },
      ),
    }
  if (!status.startTime)
    return advance(env, run, spec, { ...status, podName: '', startTime: timestamp() })
  return advance(env, run, spec, status)
}

/** Milliseconds until the run's time is over; undefined where it has no limit. */
export function remainingMs(env: RunEnvironment, run: KubeObject): number | undefined {
  const limit = parseGoDuration(run.spec.timeout ?? '1h')
  return limit === 0 ? undefined : env.startedMs(run) + limit - Date.now()
}

function advance(
  env: RunEnvironment,
  run: KubeObject,
  spec: TaskRunSpec,
  status: TaskRunStatus,
): Reconciled {
  const name = run.metadata.name
  if (spec.status === 'TaskRunCancelled') {
    const message = `TaskRun ${goQuote(name)} was cancelled. ${spec.statusMessage ?? ''}`
    return stopRun(status, 'TaskRunCancelled', message)
  }
  const left = remainingMs(env, run)
  if (left !== undefined && left <= 0) {
    const before = conditionOf(status)
    const message = `TaskRun ${goQuote(name)} failed to finish within ${goQuote(spec.timeout ?? '')}`
    const why = before ? `\nPrevious status: [${before.reason}] ${before.message}` : ''
    return retried(spec, stopRun(status, 'TaskRunTimeout', message + why))
  }
  const unpulled = imageFailure(name, status)
  if (unpulled) return retried(spec, stopRun(status, 'TaskRunImagePullFailed', unpulled))
  return retried(spec, runTask(env, run, spec, status))
}

function runTask(
  env: RunEnvironment,
  run: KubeObject,
  spec: TaskRunSpec,
  status: TaskRunStatus,
): Reconciled {
  const pod = findRunPod(env.client, run, status)
  // Once a run has its pod, its Task is the one that the pod was made from.
  if (pod && status.podName && status.taskSpec)
    return follow(env, run, pod, status, status.taskSpec)
  const identity = { name: run.metadata.name, namespace: run.metadata.namespace ?? '', spec }
  let begun = status
  let metadata: Pick<Reconciled, 'labels' | 'annotations'> = {}
  try {
    const task = resolveTask(env.client, identity)
    metadata = inherited(run, task, spec)
    begun = {
      ...status,
      taskSpec: task.spec,
      provenance: { featureFlags },
      steps: announced(task.spec),
    }
    checkRun(identity, task)
    const marked = { ...run, metadata: { ...run.metadata, ...metadata } }
    return { ...begin(env, marked, task, begun, pod), ...metadata }
  } catch (error) {
    if (!(error instanceof TaskRunFailure)) throw error
    return { ...failedWith(begun, error), ...metadata }
  }
}

function begin(
  env: RunEnvironment,
  run: KubeObject,
  task: ResolvedTask,
  status: TaskRunStatus,
  found: KubeObject | undefined,
): Reconciled {
  const spec = run.spec as TaskRunSpec
  const claimed = claimWorkspaces(env.client, run, spec.workspaces ?? [], ownedBy(run))
  const bindings = substituteBindings(task.spec, { ...spec, workspaces: claimed })
  const volumes = workspaceVolumes(bindings)
  const ready = substituteTask(
    task.spec,
    { ...spec, workspaces: bindings },
    {
      name: run.metadata.name,
      namespace: run.metadata.namespace ?? '',
      uid: run.metadata.uid,
      taskName: task.name,
      retryCount: (status.retriesStatus ?? []).length,
    },
    new Map([...volumes].map(([name, volume]) => [name, volume.name])),
  )
  const pod = found ?? createRunPod(env.client, env.images, run, ready, bindings, volumes)
  return follow(env, run, pod, { ...status, taskSpec: ready }, ready)
}

function follow(
  env: RunEnvironment,
  run: KubeObject,
  pod: KubeObject,
  status: TaskRunStatus,
  task: TaskSpec,
): Reconciled {
  releaseFirstStep(env.client, pod)
  const { status: next, failure } = statusFromPod(status, pod, task)
  if (failure) return failedWith(next, failure)
  const reason = 'ExceededNodeResources'
  if (conditionOf(next)?.reason === reason && conditionOf(status)?.reason !== reason)
    env.warn(run, reason, `Insufficient resources to schedule pod ${goQuote(pod.metadata.name)}`)
  return { status: next }
}

function afterwards(
  { client }: RunEnvironment,
  run: KubeObject,
  status: TaskRunStatus,
): TaskRunStatus {
  const pod = status.podName && client.find('pods', run.metadata.namespace, status.podName)
  const reason = conditionOf(status)?.reason
  if (!pod || reason === 'TaskRunCancelled' || reason === 'TaskRunTimeout') return status
  stopSidecars(client, pod)
  if (!status.sidecars?.some((sidecar) => !sidecar.terminated)) return status
  return { ...status, sidecars: stoppedSidecars(pod) }
}

function inherited(
  run: KubeObject,
  task: ResolvedTask,
  spec: TaskRunSpec,
): Pick<Reconciled, 'labels' | 'annotations'> {
  return {
    labels: {
      ...task.labels,
      ...run.metadata.labels,
      ...(spec.taskRef ? { 'tekton.dev/task': task.name } : {}),
    },
    annotations: { ...task.annotations, ...run.metadata.annotations },
  }
}

function announced(task: TaskSpec) {
  return task.steps.map((step, index) => ({
    name: step.name || `unnamed-${index}`,
    provenance: {},
  }))
}

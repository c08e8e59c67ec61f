import type { ClusterClient, KubeObject } from '#server/devcluster/client.ts'
import type { ImageTable } from '#server/devcluster/images/image-table.ts'
import { ownedBy } from './build-pod.ts'
import { goQuote, parseGoDuration } from './go-text.ts'
import { checkRun, type ResolvedTask, resolveTask } from './resolve-task.ts'
import {
  createRunPod,
  findRunPod,
  releaseFirstStep,
  stoppedSidecars,
  stopSidecars,
} from './run-pod.ts'
import { substituteBindings, substituteTask } from './substitute-task.ts'
import { TaskRunFailure } from './task-run-failure.ts'
import { conditionOf, isDone, statusFromPod, timestamp, withCondition } from './task-run-status.ts'
import type { TaskRunSpec, TaskRunStatus, TaskSpec } from './task-types.ts'
import { featureFlags } from './tekton-settings.ts'
import { claimWorkspaces, workspaceVolumes } from './workspace-volumes.ts'

export type RunEnvironment = {
  client: ClusterClient
  images: ImageTable
  /** Milliseconds since the epoch at which the run's present attempt began, precise as its status is not. */
  startedMs: (run: KubeObject) => number
  warn: (run: KubeObject, reason: string, message: string) => void
}

/** What is to be written: the status, and metadata that the run takes from its Task. */
export type Reconciled = {
  status: TaskRunStatus
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** Said as an InternalError event too. */
  error?: string
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
    return { status: stop(env, run, status, 'TaskRunCancelled', message) }
  }
  const left = remainingMs(env, run)
  if (left !== undefined && left <= 0) {
    const before = conditionOf(status)
    const message = `TaskRun ${goQuote(name)} failed to finish within ${goQuote(spec.timeout ?? '')}`
    const why = before ? `\nPrevious status: [${before.reason}] ${before.message}` : ''
    return retried(spec, { status: stop(env, run, status, 'TaskRunTimeout', message + why) })
  }
  const unpulled = imageFailure(name, status)
  if (unpulled)
    return retried(spec, { status: stop(env, run, status, 'TaskRunImagePullFailed', unpulled) })
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

function failedWith(status: TaskRunStatus, failure: TaskRunFailure): Reconciled {
  const verdict = {
    status: 'False',
    reason: failure.reason,
    message: failure.conditionMessage,
  } as const
  return {
    status: withCondition({ ...status, completionTime: timestamp() }, verdict),
    error: failure.message,
  }
}

/** Ends a run from outside: its pod goes, its steps are said to have ended with it. */
function stop(
  { client }: RunEnvironment,
  run: KubeObject,
  status: TaskRunStatus,
  reason: string,
  message: string,
): TaskRunStatus {
  const now = timestamp()
  const { podName } = status
  if (podName && client.find('pods', run.metadata.namespace, podName))
    client.remove('pods', run.metadata.namespace, podName)
  const steps = status.steps?.map((step) => {
    const { running, waiting, ...rest } = step
    if (!running && !waiting) return step
    return {
      ...rest,
      terminated: {
        exitCode: 1,
        startedAt: running?.startedAt ?? status.startTime ?? now,
        finishedAt: now,
        reason,
        message: `Step ${step.name} terminated as pod ${podName} is terminated`,
      },
      terminationReason: reason,
    }
  })
  return withCondition(
    { ...status, completionTime: now, ...(steps ? { steps } : {}) },
    { status: 'False', reason, message },
  )
}

/** A failed attempt is archived and the run begins anew, as often as it may. */
function retried(spec: TaskRunSpec, reconciled: Reconciled): Reconciled {
  const { status } = reconciled
  const condition = conditionOf(status)
  const attempts = status.retriesStatus ?? []
  if (condition?.status !== 'False' || attempts.length >= (spec.retries ?? 0)) return reconciled
  const { retriesStatus: _, ...archived } = status
  const { startTime: __, completionTime: ___, results: ____, ...kept } = status
  return {
    ...reconciled,
    status: withCondition(
      { ...kept, podName: '', retriesStatus: [...attempts, archived] },
      { status: 'Unknown', reason: 'ToBeRetried', message: condition.message },
    ),
  }
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

function imageFailure(run: string, status: TaskRunStatus): string | undefined {
  for (const [kind, states] of [
    ['step', status.steps],
    ['sidecar', status.sidecars],
  ] as const)
    for (const { name, waiting, imageID } of states ?? [])
      if (waiting?.reason === 'ImagePullBackOff' || waiting?.reason === 'InvalidImageName')
        return `the ${kind} ${goQuote(name)} in TaskRun ${goQuote(run)} failed to pull the image ${goQuote(imageID ?? '')}. The pod errored with the message: "${waiting.message ?? ''}."`
  return undefined
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

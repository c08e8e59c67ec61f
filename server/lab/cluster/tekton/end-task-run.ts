import type { TaskRunFailure } from './task-run-failure.ts'
import { conditionOf, timestamp, withCondition } from './task-run-status.ts'
import type { TaskRunSpec, TaskRunStatus } from './task-types.ts'
import { goQuote } from './validate/go-text.ts'

/** What is to be written: the status, and metadata that the run takes from its Task. */
export type Reconciled = {
  status: TaskRunStatus
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** Said as an InternalError event too. */
  error?: string
  /** The pod that is to go, once the status says why. */
  removePod?: string
}

/** A run that cannot have a pod, or whose results are not what it declared. */
export function failedWith(status: TaskRunStatus, failure: TaskRunFailure): Reconciled {
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
export function stopRun(status: TaskRunStatus, reason: string, message: string): Reconciled {
  const now = timestamp()
  const { podName } = status
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
  return {
    status: withCondition(
      { ...status, completionTime: now, ...(steps ? { steps } : {}) },
      { status: 'False', reason, message },
    ),
    ...(podName ? { removePod: podName } : {}),
  }
}

/** A failed attempt is archived and the run begins anew, as often as it may. */
export function retried(spec: TaskRunSpec, reconciled: Reconciled): Reconciled {
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

/** Why the images of a run's containers will not come, if so. */
export function imageFailure(run: string, status: TaskRunStatus): string | undefined {
  for (const [kind, states] of [
    ['step', status.steps],
    ['sidecar', status.sidecars],
  ] as const)
    for (const { name, waiting, imageID } of states ?? [])
      if (waiting?.reason === 'ImagePullBackOff' || waiting?.reason === 'InvalidImageName')
        return `the ${kind} ${goQuote(name)} in TaskRun ${goQuote(run)} failed to pull the image ${goQuote(imageID ?? '')}. The pod errored with the message: "${waiting.message ?? ''}."`
  return undefined
}

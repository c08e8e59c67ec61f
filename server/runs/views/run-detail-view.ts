import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunState, StepView } from './run.ts'
import { runView } from './run-view.ts'

/** One try of a run: each has a pod of its own. */
export type AttemptView = {
  /** From 1. */
  number: number
  state: RunState
  message: string
  startedAt?: string
  finishedAt?: string
  pod?: string
  steps: StepView[]
}

export type RunEventView = {
  at?: string
  about: 'run' | 'pod'
  /** Which of its attempts' pods. */
  pod?: string
  warning: boolean
  reason: string
  message: string
  count: number
}

/** What is asked for only when one run is looked at closely. */
export type RunDetailView = {
  attempts: AttemptView[]
  /** The oldest first; a cluster keeps them for an hour or so. */
  events: RunEventView[]
  serviceAccount?: string
  timeout?: string
  retries: number
  workspaces: { name: string; kind: string; source?: string }[]
  /** The steps as they were run, as YAML; undefined where the run never got so far. */
  task?: string
  /** The run as one would apply it again, as YAML. */
  manifest: string
}

/** Every attempt of a run, the first one first. */
export function attemptViews(run: TaskRun): AttemptView[] {
  const status = run.status
  if (!status) return []
  return [...(status.retriesStatus ?? []), status].map((tried, index) => {
    const { state, message, startedAt, finishedAt, steps } = runView({ ...run, status: tried })
    return { number: index + 1, state, message, startedAt, finishedAt, pod: tried.podName, steps }
  })
}

/** What a workspace is: `emptyDir`, `persistentVolumeClaim`, `configMap`, `secret`; `source`: the name of the object behind it. */
export function workspaceKinds(run: TaskRun): RunDetailView['workspaces'] {
  return (run.spec.workspaces ?? []).map((workspace) => {
    const kind = Object.keys(workspace).find((key) => key !== 'name' && key !== 'subPath') ?? ''
    const source = (workspace[kind] ?? {}) as Record<string, string | undefined>
    const { claimName, secretName, name } = source
    return { name: String(workspace.name), kind, source: claimName ?? secretName ?? name }
  })
}

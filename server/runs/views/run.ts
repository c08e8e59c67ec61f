import type { Param, ParamSpec } from '#server/runs/model/task-run.ts'

export type RunState = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out'

export type StepView = {
  name: string
  container: string
  /** `continued`: it failed, and the run went on (`onError: continue`). `skipped`: it never ran. */
  state:
    | 'pending'
    | 'waiting'
    | 'running'
    | 'succeeded'
    | 'failed'
    | 'continued'
    | 'skipped'
    | 'cancelled'
  startedAt?: string
  finishedAt?: string
  exitCode?: number
  reason?: string
  message?: string
}

export type RunView = {
  id: string
  namespace: string
  name: string
  task: string
  state: RunState
  /** It waits for a decision; what is pending without is not taken up by Tekton yet. */
  sealed: boolean
  reason: string
  message: string
  createdAt: string
  startedAt?: string
  finishedAt?: string
  startedBy?: string
  why?: string
  /** The binding it makes true or ends. */
  binding?: { namespace: string; name: string }
  params: Param[]
  results: { name: string; value: string }[]
  steps: StepView[]
  /** The step that a failed run opens at. */
  failedStep?: string
  /** Since when the cluster does not have it any more: what is shown of it is what was kept. */
  goneAt?: string
  can: RunAction[]
}

export type RunAction = 'cancel' | 'rerun' | 'delete'

export type TaskView = {
  id: string
  namespace: string
  name: string
  description: string
  params: ParamSpec[]
  steps: { name: string; image: string }[]
  can: 'run'[]
}

/** One row of a run's log: a line, or a piece of a long one. */
export type LogLine = {
  /** Its place in the log, from 1: the same in the stream, in a search and in a range. */
  row: number
  /** The step, or the sidecar or init container whose log was asked for. */
  step: string
  /** From 2 on, of a run that was tried again. */
  attempt?: number
  /** RFC 3339 with nanoseconds, as the kubelet wrote it; all pieces of a line have the same. */
  at: string
  text: string
  /** Goes on where the row before it ended, with no line break between them. */
  continues?: true
  /** So many bytes of the line were left out after this row. */
  cut?: number
  /** The log ended without a line break after it. */
  open?: true
}

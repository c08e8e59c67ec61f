import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

/** Tekton v1, the parts that we write and read. */
export type Param = { name: string; value: string | string[] | Record<string, string> }

export type ParamSpec = {
  name: string
  type?: 'string' | 'array' | 'object'
  description?: string
  default?: string | string[] | Record<string, string>
  enum?: string[]
  properties?: Record<string, { type: string }>
}

export type TaskSpec = {
  description?: string
  params?: ParamSpec[]
  results?: { name: string; type?: string; description?: string }[]
  workspaces?: { name: string; description?: string; optional?: boolean; mountPath?: string }[]
  stepTemplate?: { securityContext?: { runAsGroup?: number } }
  steps: {
    name: string
    image?: string
    script?: string
    command?: string[]
    args?: string[]
    timeout?: string
  }[]
  sidecars?: { name: string; image?: string; script?: string }[]
}

export type TerminatedState = {
  exitCode: number
  reason?: string
  message?: string
  startedAt?: string
  finishedAt?: string
}

export type StepState = {
  name: string
  container: string
  running?: { startedAt: string }
  waiting?: { reason: string; message?: string }
  terminated?: TerminatedState
  terminationReason?: string
}

export type TaskRunStatus = {
  conditions?: {
    type: string
    status: 'True' | 'False' | 'Unknown'
    reason: string
    message: string
    lastTransitionTime?: string
  }[]
  podName?: string
  startTime?: string
  completionTime?: string
  steps?: StepState[]
  sidecars?: StepState[]
  results?: { name: string; type?: string; value: string | string[] | Record<string, string> }[]
  retriesStatus?: TaskRunStatus[]
  taskSpec?: TaskSpec
}

export type TaskRunSpec = {
  taskRef?: { name: string; kind?: string }
  taskSpec?: TaskSpec
  params?: Param[]
  workspaces?: Record<string, unknown>[]
  serviceAccountName?: string
  podTemplate?: { securityContext?: { fsGroup: number; fsGroupChangePolicy: 'OnRootMismatch' } }
  timeout?: string
  retries?: number
  status?: 'TaskRunPending' | 'TaskRunCancelled'
  statusMessage?: string
}

export type TaskRun = KubeObject & { spec: TaskRunSpec; status?: TaskRunStatus }
export type Task = KubeObject & { spec: TaskSpec }

export const TaskRun: Kind<TaskRun> = {
  group: 'tekton.dev',
  version: 'v1',
  kind: 'TaskRun',
  plural: 'taskruns',
  namespaced: true,
}

export const Task: Kind<Task> = {
  group: 'tekton.dev',
  version: 'v1',
  kind: 'Task',
  plural: 'tasks',
  namespaced: true,
}

import { annotations } from '#server/platform/model/names.ts'
import type { Task } from '#server/runs/model/task-run.ts'
import type { TaskView } from './run.ts'
import { ownWorkspaces, taskView } from './task-view.ts'

/** A Task of the catalogue looked at closely. */
export type TaskDetailView = TaskView & {
  /** `own`: an emptyDir of the run's own, and nothing else. */
  workspaces: { name: string; description: string; optional: boolean; own: boolean }[]
  results: { name: string; description: string }[]
  /** What its runs run as, how often they try again, and how long they may take. */
  serviceAccount?: string
  retries: number
  timeout?: string
  /** The Task as it stands in the cluster, without what the cluster adds. */
  yaml: string
}

/** What a run is told: YAML of a `TaskRun`, exactly as it would be sent. */
export type RunPreview = { manifest: string }

export function taskDetailView(task: Task, may: { create: boolean }, yaml: string): TaskDetailView {
  const said = task.metadata.annotations ?? {}
  return {
    ...taskView(task, may),
    workspaces: workspacesOf(task),
    results: (task.spec.results ?? []).map(({ name, description = '' }) => ({ name, description })),
    serviceAccount: said[annotations.serviceAccount],
    retries: Number(said[annotations.retries]) || 0,
    timeout: said[annotations.timeout],
    yaml,
  }
}

function workspacesOf(task: Task): TaskDetailView['workspaces'] {
  const own = ownWorkspaces(task)
  return (task.spec.workspaces ?? []).map(({ name, description = '', optional = false }) => ({
    name,
    description,
    optional,
    own: own.includes(name),
  }))
}

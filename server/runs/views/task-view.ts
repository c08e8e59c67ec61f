import { idOf } from '#server/access/model/binding-names.ts'
import { annotations } from '#server/platform/model/names.ts'
import type { Task } from '#server/runs/model/task-run.ts'
import type { TaskView } from './run.ts'

/** `may.create`: whether the person may create TaskRuns beside it. */
export function taskView(task: Task, may: { create: boolean }): TaskView {
  const { spec, metadata } = task
  return {
    id: idOf(task),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    description: spec.description ?? '',
    params: spec.params ?? [],
    steps: spec.steps.map((step) => ({ name: step.name, image: step.image ?? '' })),
    can: may.create && isStartedByHand(task) ? ['run'] : [],
  }
}

/** Names of the workspaces that are an emptyDir of the run's own: another run could write to anything else. */
export function ownWorkspaces(task: Task): string[] {
  return (task.metadata.annotations?.[annotations.ownWorkspaces] ?? '').split(',').filter(Boolean)
}

/** Runs of the binding Tasks come from requests alone: started by hand they would pass by the review. */
export function isStartedByHand(task: Task): boolean {
  return task.metadata.annotations?.[annotations.startedBy] !== 'controller'
}

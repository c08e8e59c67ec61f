import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'

/** Tekton's controller gives a run its first condition within seconds, also where no pod can start. */
export const runStartMaxMs = 30_000

type Wait = Extract<BindingStep, { step: 'wait' }>

/** While a run is waited for: whether Tekton has seen it at all, as the condition RunStarted. */
export function watchRunStart(world: BindingSnapshot, wait: Wait): BindingStep {
  const told = conditionOf(world.binding.status?.conditions, 'RunStarted')
  const run = unseenRun(world)
  if (!run) return told?.status === 'False' ? { step: 'record-run-seen' } : wait
  const { name } = run.metadata
  if (told?.status === 'False' && told.message.includes(name)) return wait
  const due = new Date(releasedAtMs(world, run) + runStartMaxMs)
  if (due <= world.now) return { step: 'record-run-unseen', run: name }
  return { step: 'wait', until: wait.until && wait.until < due ? wait.until : due }
}

/** Released, and without any condition: only Tekton's controller writes those. */
function unseenRun({ runs, serving }: BindingSnapshot): TaskRun | undefined {
  if (serving !== 'active') return undefined
  return [...runs.values()].find(({ spec, status, metadata }) => {
    const released = spec.status !== 'TaskRunPending' && !metadata.deletionTimestamp
    return released && !status?.conditions?.length
  })
}

/** When it was let go is not written in it: not before it was made, nor before the grant that let it go. */
function releasedAtMs({ binding }: BindingSnapshot, run: TaskRun): number {
  const provisioned = conditionOf(binding.status?.conditions, 'Provisioned')
  const times = [run.metadata.creationTimestamp, provisioned?.lastTransitionTime]
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0))
}

import {
  type BindPlan,
  bindPlanSchema,
  parseSealed,
  type SealedText,
} from '#server/access/model/plan.ts'
import { digestOf } from '#server/platform/model/canonical-json.ts'
import { taskNames } from '#server/platform/model/names.ts'
import { paramOf, runResult } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { BindingSnapshot } from './binding-step.ts'

/** A bind run that was released and has not ended. */
export function bindRunAtWork({ runs }: Pick<BindingSnapshot, 'runs'>): TaskRun | undefined {
  return [...runs.values()].find((run) => {
    const { state } = runResult(run)
    const open = state === 'pending' || state === 'running'
    return open && run.spec.status !== 'TaskRunPending' && run.spec.taskRef?.name === taskNames.bind
  })
}

/** A bind run that was sealed and never released, other than the one that is wanted: nobody will decide on it any more. */
export function sealedRunBut(
  { runs }: Pick<BindingSnapshot, 'runs'>,
  wanted: string | undefined,
): TaskRun | undefined {
  return [...runs.values()].find(
    (run) =>
      run.spec.status === 'TaskRunPending' &&
      run.spec.taskRef?.name === taskNames.bind &&
      run.metadata.name !== wanted,
  )
}

/** The plan in a run's parameters; undefined where it is not whole, whoever made the run. */
export function planIn(run: TaskRun): { text: SealedText; plan: BindPlan } | undefined {
  const text = paramOf(run, 'plan') ?? ''
  const digest = paramOf(run, 'digest') ?? ''
  if (digestOf(text) !== digest) return undefined
  try {
    return { text: { text, digest }, plan: parseSealed(bindPlanSchema, text, digest) }
  } catch {
    return undefined
  }
}

/** The plan that was approved under this digest, as long as anything in the world still holds it. */
export function approvedPlan(world: BindingSnapshot, digest: string): SealedText | undefined {
  if (world.plan?.digest === digest) return world.plan
  for (const run of world.runs.values()) {
    if (paramOf(run, 'digest') !== digest) continue
    const found = planIn(run)
    if (found) return found.text
  }
  return undefined
}

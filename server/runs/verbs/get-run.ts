import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { runViewFor, visibleRun } from './run-access.ts'

export async function getRun(ctx: Context, ref: ObjectRef): Promise<RunView> {
  return runViewFor(ctx, await visibleRun(ctx, ref))
}

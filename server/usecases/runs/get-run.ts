import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { RunView } from '#server/domain/views.ts'
import type { Context } from '#server/usecases/context.ts'
import { runViewFor, visibleRun } from './run-access.ts'

export async function getRun(ctx: Context, ref: ObjectRef): Promise<RunView> {
  return runViewFor(ctx, await visibleRun(ctx, ref))
}

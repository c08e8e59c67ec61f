import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { ControllerContext } from './load-binding-state.ts'

/** Removes exactly the run that was seen: one that changed since is refused as a conflict. */
export async function discardRun(
  ctx: Pick<ControllerContext, 'kube'>,
  { metadata }: TaskRun,
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = metadata
  const only = { uid, resourceVersion, propagation: 'Background' as const }
  try {
    await ctx.kube.remove(TaskRun, { namespace, name }, only)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

import { TaskRun } from '#server/domain/runs/task-run.ts'
import { isNotFound } from '#server/kube/translate-status.ts'
import type { ControllerContext } from './binding-world.ts'

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

import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { annotations, labels } from '#server/platform/model/names.ts'
import { runResult } from '#server/runs/model/run-result.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'

const perPersonMax = 10
const perNamespaceMax = 50

/** Throws `quota-exhausted` where as many runs that people started have not ended as may be. */
export async function refuseTooManyRuns(
  ctx: Pick<Context, 'kube' | 'actor'>,
  namespace: string,
): Promise<void> {
  const runs = await ctx.kube.list(TaskRun, { namespace })
  const open = runs.filter((run) => {
    const { state } = runResult(run)
    const isOfBinding = run.metadata.labels?.[labels.bindingUid] !== undefined
    return !isOfBinding && (state === 'pending' || state === 'running')
  })
  const user = userOf(ctx)
  const own = open.filter(({ metadata }) => metadata.annotations?.[annotations.startedBy] === user)
  if (own.length >= perPersonMax) {
    const text = `${own.length} runs of yours have not ended, and ${perPersonMax} may be: cancel one, or wait.`
    const values = { max: perPersonMax }
    throw new AppError('quota-exhausted', text, { key: 'run.tooManyOwn', values })
  }
  if (open.length >= perNamespaceMax) {
    const text = `${open.length} runs in ${namespace} have not ended, and ${perNamespaceMax} may be: wait for one to end.`
    const values = { namespace, max: perNamespaceMax }
    throw new AppError('quota-exhausted', text, { key: 'run.tooMany', values })
  }
}

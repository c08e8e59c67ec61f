import { type BindingContext, getService } from '#server/access/verbs/binding-access.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { taskNames } from '#server/platform/model/names.ts'
import { paramOf, runResult } from '#server/runs/model/run-result.ts'
import type { StartRunBody } from '#server/runs/model/start-run-schema.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { runResource } from '#server/runs/verbs/run-access.ts'
import { startRun } from '#server/runs/verbs/start-run.ts'
import type { RunView } from '#server/runs/views/run.ts'

/** Starts the stable engine from the image that the canary runs, by its digest, through the same gate as any other. */
export async function promoteCanary(
  ctx: BindingContext,
  input: ObjectRef & { why: string },
): Promise<RunView> {
  const { namespace, name, why } = input
  await ctx.authorize({ verb: 'create', resource: runResource, namespace: ctx.servingNamespace })

  const { spec, status } = await getService(ctx, { namespace, name })
  const engineOf = (ring: string) => status?.engines?.find((one) => one.ring === ring)
  const canary = engineOf('canary')
  if (!canary?.image || !canary.digest || canary.readyReplicas === 0) {
    const text = `No engine runs on the canary ring of ${name}: there is nothing to promote.`
    throw new AppError('unprocessable', text, { key: 'rings.noEngine', values: { name } })
  }
  if (engineOf('stable')?.digest === canary.digest) {
    const text = 'The stable ring runs the same image already.'
    throw new AppError('conflict', text, { key: 'rings.same' })
  }
  const started = await startParams(ctx, spec.engines.canary?.service ?? '')
  const imageTag = canary.digest
  const serviceName = spec.engines.stable.service
  const params = { ...started, imageTag, serviceName, image: repositoryOf(canary.image) }
  return startRun(ctx, { task: taskNames.start, params, workspaces: {}, why })
}

/** What the canary was last started with: its command, GPUs and weights are promoted with its image. */
async function startParams(
  ctx: BindingContext,
  serviceName: string,
): Promise<StartRunBody['params']> {
  const runs = await ctx.kube.list(TaskRun, { namespace: ctx.servingNamespace })
  const last = runs
    .filter((run) => {
      const started = run.spec.taskRef?.name === taskNames.start
      return started && paramOf(run, 'serviceName') === serviceName
    })
    .filter((run) => runResult(run).state === 'succeeded')
    .sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1))[0]
  return Object.fromEntries((last?.spec.params ?? []).map(({ name, value }) => [name, value]))
}

function createdAt(run: TaskRun): string {
  return run.metadata.creationTimestamp ?? ''
}

/** `registry:5000/team/model:tag@sha256:…` without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
}

import { config } from '#server/platform/config.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { logStep } from '#server/platform/step/step-log.ts'

type Step = { run(args: string[], signal: AbortSignal): Promise<void> }

const steps: Record<string, () => Promise<Step>> = {
  'apply-plan': () => import('#server/access/tasks/apply-plan.ts'),
  probe: () => import('#server/access/tasks/probe.ts'),
  'use-access': () => import('#server/access/tasks/call-gateway.ts'),
  'remove-plan': () => import('#server/access/tasks/remove-plan.ts'),
  'prove-gone': () => import('#server/access/tasks/prove-gone.ts'),
  'resolve-image': () => import('#server/serving/tasks/resolve-image.ts'),
  'deploy-engine': () => import('#server/serving/tasks/deploy-engine.ts'),
  'wait-for-service': () => import('#server/serving/tasks/wait-for-service.ts'),
  'steer-rollout': () => import('#server/serving/tasks/steer-rollout.ts'),
  'verify-receipt': () => import('#server/access/tasks/verify-receipt.ts'),
}

/** One step of a Task. Its output is what people follow live; its exit code is what Tekton goes by. */
export async function main(argv: string[]): Promise<void> {
  const [name = '', ...args] = argv
  const load = steps[name]
  if (!load) throw new AppError('bad-request', `A step is one of ${Object.keys(steps).join(', ')}.`)
  const ending = new AbortController()
  process.once('SIGTERM', () => ending.abort())
  const { run } = await load()
  const { REQUEST_ID } = config()
  if (REQUEST_ID) logStep(`Request ${REQUEST_ID}`)
  try {
    await run(args, ending.signal)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    console.error(`✗ ${error.message}`)
    for (const { field, message } of error.details.fields ?? []) {
      console.error(`  ${field}: ${message}`)
    }
    process.exitCode = 1
  }
}

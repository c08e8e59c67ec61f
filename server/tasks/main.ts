import { config } from '#server/config.ts'
import { AppError } from '#server/domain/errors.ts'
import { say } from './say.ts'

type Step = { run(args: string[], signal: AbortSignal): Promise<void> }

const steps: Record<string, () => Promise<Step>> = {
  'apply-plan': () => import('./apply-plan.ts'),
  probe: () => import('./probe.ts'),
  'use-access': () => import('./use-access.ts'),
  'remove-plan': () => import('./remove-plan.ts'),
  'prove-gone': () => import('./prove-gone.ts'),
  'resolve-image': () => import('./resolve-image.ts'),
  'deploy-engine': () => import('./deploy-engine.ts'),
  'wait-for-service': () => import('./wait-for-service.ts'),
  'steer-rollout': () => import('./steer-rollout.ts'),
  'verify-receipt': () => import('./verify-receipt.ts'),
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
  if (REQUEST_ID) say(`Request ${REQUEST_ID}`)
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

import { parseSealed, unbindPlanSchema } from '#server/access/model/plan.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { removeTargets } from './remove-targets.ts'

/** Takes away the grant first, then the name. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const { plan: text, digest, reason } = stepArgs(args, ['plan', 'digest', 'reason'])
  const plan = parseSealed(unbindPlanSchema, text, digest)
  logStep(`Access of ${plan.binding.namespace}/${plan.binding.name} ends: ${reason}`)
  await removeTargets(connectKube({ signal }), plan)
  logStep('Everything that was granted is removed.')
}

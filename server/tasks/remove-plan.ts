import { parseSealed, unbindPlanSchema } from '#server/domain/access/plan.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import { removeTargets } from './remove-targets.ts'
import { say } from './say.ts'
import { stepArgs } from './step-args.ts'

/** Takes away the grant first, then the name. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const { plan: text, digest, reason } = stepArgs(args, ['plan', 'digest', 'reason'])
  const plan = parseSealed(unbindPlanSchema, text, digest)
  say(`Access of ${plan.binding.namespace}/${plan.binding.name} ends: ${reason}`)
  await removeTargets(connectKube({ signal }), plan)
  say('Everything that was granted is removed.')
}

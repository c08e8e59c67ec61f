import { writeFile } from 'node:fs/promises'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { bindPlanSchema, parseSealed } from '#server/access/model/plan.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { bothOf } from '#server/platform/step/all-settled.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { say, sayOnce } from '#server/platform/step/step-log.ts'
import { until } from '#server/platform/time/poll-until.ts'
import { writeReceipt } from '#server/runs/model/run-result.ts'
import { checkAccess, checkOutsider } from './check-access.ts'
import { signSeen } from './sign-receipt.ts'
import { tryFromTenant } from './try-from-tenant.ts'

/**
 * Uses the alias until it gives one token: here, by its full name, and in a pod of the tenant's own namespace, as the
 * tenant will. The receipt says what was seen.
 */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'plan',
    'digest',
    'run',
    'namespace',
    'token-file',
    'key-file',
    'receipt-file',
    'timeout-seconds',
  ])
  const { digest } = given
  const plan = parseSealed(bindPlanSchema, given.plan, digest)
  const { namespace, name } = plan.binding
  const speaker = { binding: `${namespace}/${name}`, tokenFile: given['token-file'], signal }
  const again = sayOnce()
  const waiting = {
    seconds: Number(given['timeout-seconds']),
    signal,
    onReason: (reason: string) => again(`Not yet: ${reason}`),
  }

  say(`Asking ${plan.address} on behalf of ${namespace}/${name}`)
  const kube = connectKube({ signal })
  const { address, grant, modelService } = plan
  const { model } = modelService
  const asked = {
    expect: 'access' as const,
    // As the tenant's own pods call it.
    address: `http://${grant.alias}:${new URL(address).port}`,
    model,
    servingNamespace: given.namespace,
  }
  const [seen, tenant] = await bothOf(
    until(waiting, () => checkAccess({ address, model }, speaker)),
    tryFromTenant(kube, plan, asked, signal),
  )
  for (const { check, ms, saw } of seen.checks) say(`✓ ${check} after ${ms} ms, ${saw}`)

  const bound = async () => {
    const own = await kube.list(ModelBinding, { namespace: plan.modelService.namespace })
    return own.some((one) => 'grant' in grantInForce(one, new Date()))
  }
  const outsider = await until(waiting, () => checkOutsider(plan.address, speaker, bound))
  say(`✓ outsider-refused after ${outsider.ms} ms, ${outsider.saw}`)

  const at = new Date().toISOString()
  const checks = [...seen.checks, tenant, outsider]
  const firstTokenMs = tenant.skipped ? seen.firstTokenMs : tenant.ms
  const receipt = { run: given.run, at, address, model: seen.model, firstTokenMs, digest, checks }
  const { run: _run, ...signed } = await signSeen(receipt, 'access', plan, given['key-file'])
  await writeFile(given['receipt-file'], writeReceipt(signed))
  say(`Pods of ${namespace} call ${asked.address}`)
}

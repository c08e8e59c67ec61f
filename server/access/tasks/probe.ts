import { writeFile } from 'node:fs/promises'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { bindPlanSchema, parseSealed } from '#server/access/model/plan.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { allSettled } from '#server/platform/step/all-settled.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { createStepLog, logStep } from '#server/platform/step/step-log.ts'
import { pollUntil } from '#server/platform/time/poll-until.ts'
import { writeReceipt } from '#server/runs/model/run-result.ts'
import { checkAccess, checkOutsider } from './check-access.ts'
import { signReceipt } from './sign-receipt.ts'
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
  const again = createStepLog()
  const waiting = {
    seconds: Number(given['timeout-seconds']),
    signal,
    onReason: (reason: string) => again(`Not yet: ${reason}`),
  }

  logStep(`Asking ${plan.address} on behalf of ${namespace}/${name}`)
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
  const [seen, tenant] = await allSettled(
    pollUntil(waiting, () => checkAccess({ address, model }, speaker)),
    tryFromTenant(kube, plan, asked, signal),
  )
  for (const { check, ms, saw } of seen.checks) logStep(`✓ ${check} after ${ms} ms, ${saw}`)

  const bound = async () => {
    const own = await kube.list(ModelBinding, { namespace: plan.modelService.namespace })
    return own.some((one) => 'grant' in grantInForce(one, new Date()))
  }
  const outsider = await pollUntil(waiting, () => checkOutsider(plan.address, speaker, bound))
  logStep(`✓ outsider-refused after ${outsider.ms} ms, ${outsider.saw}`)

  const at = new Date().toISOString()
  const checks = [...seen.checks, tenant, outsider]
  const firstTokenMs = tenant.skipped ? seen.firstTokenMs : tenant.ms
  const receipt = { run: given.run, at, address, model: seen.model, firstTokenMs, digest, checks }
  const { run: _run, ...signed } = await signReceipt(receipt, 'access', plan, given['key-file'])
  await writeFile(given['receipt-file'], writeReceipt(signed))
  logStep(`Pods of ${namespace} call ${asked.address}`)
}

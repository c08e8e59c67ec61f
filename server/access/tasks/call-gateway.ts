import { writeFile } from 'node:fs/promises'
import type { TenantSeen } from '#server/access/model/receipt.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { pollUntil } from '#server/platform/time/poll-until.ts'
import { askModels, type Speaker } from './ask-gateway.ts'
import { type AccessRoute, checkAccess, connects, cut, round } from './check-access.ts'

/**
 * In a pod of the tenant's own namespace, as its own account: uses the access until it gives one token, or tries it
 * until it is refused. What it saw is the pod's termination message.
 */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'expect',
    'address',
    'model',
    'binding',
    'token-file',
    'seen-file',
    'timeout-seconds',
  ])
  const { address, model, binding } = given
  const speaker: Speaker = { binding, tokenFile: given['token-file'], signal }
  const waiting = { seconds: Number(given['timeout-seconds']), signal, onReason: logStep }
  const startedMs = performance.now()
  const seen = await pollUntil(waiting, () =>
    given.expect === 'refusal'
      ? refusedAt(address, speaker, startedMs)
      : usedAt({ address, model }, speaker),
  )
  await writeFile(given['seen-file'], JSON.stringify(seen))
}

async function usedAt(way: AccessRoute, speaker: Speaker): Promise<TenantSeen | string> {
  const seen = await checkAccess(way, speaker)
  if (typeof seen === 'string') return seen
  const [resolved, connected] = seen.checks
  const saw = `${connected?.saw} at ${resolved?.saw} gave a token of ${seen.model}`
  return { ms: seen.firstTokenMs, saw: cut(saw) }
}

/** No connection is a refusal, too: no policy lets this namespace through any more. */
async function refusedAt(
  address: string,
  speaker: Speaker,
  startedMs: number,
): Promise<TenantSeen | string> {
  const { hostname, port } = new URL(address)
  const seen = (saw: string): TenantSeen => ({ ms: round(performance.now() - startedMs), saw })
  const unreached = await connects(hostname, Number(port))
  if (unreached !== undefined) return seen(cut(`${hostname}: ${unreached}`))
  const answer = await askModels(address, speaker)
  if (typeof answer === 'string') return seen(cut(`${hostname}: ${answer}`))
  if (answer.status === 403 || answer.status === 404) {
    return seen(cut(`${answer.status} ${answer.said}`))
  }
  return `the gateway answers ${answer.status} ${answer.said}`.trim()
}

import type { BindPlan, UnbindPlan } from '#server/access/model/plan.ts'
import {
  type AccessCheck,
  type TenantSeen,
  tenantSeenSchema,
} from '#server/access/model/receipt.ts'
import { isOwn } from '#server/access/reconciler/plan-objects.ts'
import { ConfigMap, type ContainerState, Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { binderFieldManager, probePod } from '#server/platform/model/names.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { pollUntil } from '#server/platform/time/poll-until.ts'
import { cut } from './check-access.ts'
import { podMaxSeconds, probePodOf, type TenantTry, tryMaxSeconds } from './probe-pod.ts'

type Plan = Pick<BindPlan | UnbindPlan, 'binding'>
type NotTried = { notTried: string }

const atWork = `another pod ${probePod} is at work`

/** A namespace whose nodes are full, or whose pods wait for something, must not keep its access waiting. */
const startMaxSeconds = 20
const nameMaxSeconds = 15

const hopeless =
  /^(ErrImageNeverPull|ImagePullBackOff|InvalidImageName|CreateContainerConfigError)$/

/**
 * Uses the access, or is refused, in a pod of the tenant's own namespace: what no probe elsewhere can show. Where the
 * namespace lets no such pod be, the check is skipped, and says why. A try that fails is a failure of the run.
 */
export async function tryFromTenant(
  kube: Kube,
  plan: Plan,
  asked: TenantTry & { servingNamespace: string },
  signal: AbortSignal,
): Promise<AccessCheck> {
  const { namespace } = plan.binding
  const check = asked.expect === 'access' ? ('from-tenant' as const) : ('tenant-refused' as const)
  const seen = await seenBy(kube, plan, asked, signal)
  if ('notTried' in seen) {
    const saw = cut(`Not tried from ${namespace}: ${seen.notTried}`)
    logStep(`– ${check}: ${saw}`)
    return { check, ms: 0, saw, skipped: true }
  }
  const saw = cut(`${namespace}: ${seen.saw}`)
  logStep(`✓ ${check} after ${seen.ms} ms, ${saw}`)
  return { check, ms: seen.ms, saw }
}

async function seenBy(
  kube: Kube,
  plan: Plan,
  asked: TenantTry & { servingNamespace: string },
  signal: AbortSignal,
): Promise<TenantSeen | NotTried> {
  const ref = { namespace: asked.servingNamespace, name: probePod }
  const image = (await kube.find(ConfigMap, ref))?.data?.image
  if (!image) return { notTried: `there is no ConfigMap ${probePod} that names its image` }
  const pod = await makePod(kube, plan, probePodOf(plan, image, asked), signal)
  if ('notTried' in pod) return pod
  try {
    return await endOf(kube, pod, signal)
  } finally {
    await takeAway(kube, pod)
  }
}

/**
 * The name is one for the whole namespace: what another run left there is taken away, what is at work is waited for.
 * Applied, not posted: RBAC knows the name of what is created only where the request's path has it.
 */
async function makePod(
  kube: Kube,
  plan: Plan,
  pod: Pod,
  signal: AbortSignal,
): Promise<Pod | NotTried> {
  const waiting = { seconds: nameMaxSeconds, signal, onReason: logStep, pauseMaxMs: 1000 }
  try {
    return await pollUntil(waiting, async (): Promise<Pod | NotTried | string> => {
      try {
        if (await isTaken(kube, plan)) return atWork
        return await kube.apply(Pod, pod, { fieldManager: binderFieldManager })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        if (error.code === 'unavailable' || error.code === 'timeout') return error.message
        // Another run was faster, or the answer to our own first attempt was lost: changing a pod is refused.
        if (error.code !== 'forbidden' && (await isTaken(kube, plan))) return atWork
        return { notTried: wordsOf(error) }
      }
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'timeout') return { notTried: error.message }
    throw error
  }
}

async function isTaken(kube: Kube, plan: Plan): Promise<boolean> {
  const there = await kube.find(Pod, { namespace: plan.binding.namespace, name: probePod })
  if (!there) return false
  const since = Date.parse(there.metadata.creationTimestamp ?? '')
  const old = kube.now().getTime() - since > podMaxSeconds * 1000
  if (isOwn(there, plan.binding) || old || stateOf(there).terminated) await takeAway(kube, there)
  return true
}

async function endOf(kube: Kube, pod: Pod, signal: AbortSignal): Promise<TenantSeen | NotTried> {
  const { namespace = '', name, uid } = pod.metadata
  const startedMs = performance.now()
  const waiting = { seconds: startMaxSeconds + tryMaxSeconds + 10, signal, onReason() {} }
  return pollUntil(
    { ...waiting, pauseMaxMs: 100 },
    async (): Promise<TenantSeen | NotTried | string> => {
      const live = await kube.find(Pod, { namespace, name })
      if (!live || live.metadata.uid !== uid || live.metadata.deletionTimestamp) {
        return { notTried: 'its pod was taken away before it had an answer' }
      }
      const { terminated, running, waiting: held } = stateOf(live)
      if (terminated) return resultOf(namespace, terminated)
      if (live.status?.phase === 'Failed') return { notTried: 'its pod was ended by the cluster' }
      if (running) return 'the pod still tries'
      const reason =
        [held?.reason, held?.message].filter(Boolean).join(': ') || whyUnscheduled(live)
      const late = performance.now() - startedMs > startMaxSeconds * 1000
      if (late || hopeless.test(held?.reason ?? '')) return { notTried: `its pod waits: ${reason}` }
      return reason
    },
  )
}

function resultOf(
  namespace: string,
  { exitCode, message = '' }: NonNullable<ContainerState['terminated']>,
): TenantSeen {
  if (exitCode !== 0) {
    const said = message.trim().split('\n').at(-1) || `exit code ${exitCode}`
    throw new AppError('conflict', `Tried from a pod in ${namespace}: ${said}`)
  }
  return tenantSeenSchema.parse(JSON.parse(message))
}

function stateOf({ status }: Pod): ContainerState {
  return status?.containerStatuses?.[0]?.state ?? {}
}

function whyUnscheduled({ status }: Pod): string {
  const scheduled = status?.conditions?.find((one) => one.type === 'PodScheduled')
  return scheduled?.status === 'False' ? scheduled.message : 'it does not start'
}

async function takeAway(kube: Kube, { metadata }: Pod): Promise<void> {
  const { namespace = '', name, uid } = metadata
  try {
    await kube.remove(Pod, { namespace, name }, { uid })
  } catch (error) {
    if (isNotFound(error)) return
    // It ends by itself, and goes with its binding.
    if (error instanceof AppError) logStep(`The pod ${name} was not removed: ${error.message}`)
    else throw error
  }
}

/** What a quota or a policy said; the translated message of a refusal says only who may not what. */
function wordsOf(error: AppError): string {
  const { cause } = error
  const said = cause instanceof Error ? cause.message : error.message
  return said.replace(/^.*?\bis forbidden: /s, '')
}

import { request } from 'undici'
import type { Config } from '#server/platform/config.ts'
import { Lease } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { controllerLease } from '#server/platform/model/names.ts'
import { within } from '#server/platform/time/within.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import type { Store } from '#server/store.ts'

export type HealthView = {
  ok: boolean
  /** Each with what is wrong, for people; nothing of the installation's inside. */
  parts: { name: string; ok: boolean; message?: string }[]
}

export type Readiness = { check(): Promise<HealthView> }

const checkWithinMs = 3000
const keepMs = 1000

/** Whether the whole story can be told now. Asked by many at once, it is looked up once. */
export function createReadiness(config: Config, kube: Kube, store: Pick<Store, 'ping'>): Readiness {
  const lease = leaseJudge()
  let last: { until: number; view: Promise<HealthView> } | undefined

  const parts: Record<string, () => Promise<string | undefined>> = {
    async kubernetes() {
      await kube.whoAmI()
      return undefined
    },
    async database() {
      await store.ping()
      return undefined
    },
    async controller() {
      const found = await kube.find(Lease, {
        namespace: config.POD_NAMESPACE,
        name: controllerLease,
      })
      return lease(found) ? undefined : 'No controller is at work.'
    },
    async gateway() {
      const { statusCode, body } = await request(new URL('/readyz', config.GATEWAY_URL), {
        signal: AbortSignal.timeout(checkWithinMs),
      })
      await body.dump()
      return statusCode === 200 ? undefined : 'The gateway is not ready.'
    },
    async model() {
      const services = await kube.list(ModelService, { namespace: config.SERVING_NAMESPACE })
      const isReady = services.some(
        ({ status }) => conditionOf(status?.conditions, 'Ready')?.status === 'True',
      )
      return isReady ? undefined : 'No model service is ready.'
    },
  }

  async function look(): Promise<HealthView> {
    const looked = await Promise.all(
      Object.entries(parts).map(async ([name, ask]) => {
        const message = await within(ask(), checkWithinMs).catch(() => 'It does not answer.')
        return message ? { name, ok: false, message } : { name, ok: true }
      }),
    )
    return { ok: looked.every((part) => part.ok), parts: looked }
  }

  return {
    check() {
      if (!last || last.until < performance.now()) {
        last = { until: performance.now() + keepMs, view: look() }
      }
      return last.view
    },
  }
}

/** Clocks of two machines differ: after a first look, only a renewal that was seen counts, on our own clock. */
function leaseJudge() {
  let seen: { renewTime: string | undefined; atMs: number } | undefined
  return (lease: Lease | undefined): boolean => {
    const { holderIdentity, renewTime, leaseDurationSeconds = 15 } = lease?.spec ?? {}
    if (!holderIdentity || !renewTime) return false
    const validMs = leaseDurationSeconds * 1000
    if (!seen) {
      const atMs = performance.now() - Math.max(0, Date.now() - Date.parse(renewTime))
      seen = { renewTime, atMs }
    } else if (seen.renewTime !== renewTime) seen = { renewTime, atMs: performance.now() }
    return performance.now() - seen.atMs < validMs
  }
}

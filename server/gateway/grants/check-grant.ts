import { callersRing } from '#server/access/machine/grant-status.ts'
import { grantInForce, type Refusal } from '#server/access/model/grant-in-force.ts'
import { cutOf } from '#server/access/model/grant-term.ts'
import type { Grant, ModelBinding } from '#server/access/model/model-binding.ts'
import { type Identity, notReady } from '#server/gateway/identity/identify-caller.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { keyOf, type SharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { EngineRef, ModelService, Ring } from '#server/serving/model/model-service.ts'

/** A binding that stands now, with all that a request needs of it. */
export type Standing = {
  key: string
  namespace: string
  name: string
  grant: Grant
  service: ModelService
  ring: Ring
  engine: EngineRef
}

export type Grants = {
  /** What the caller is bound to now; throws `forbidden` or `not-found` where that is nothing. */
  standing(identity: Identity): Standing[]
  /** Since when this gateway refuses a binding that it once let through, and how many answers that cut off. */
  endOf(key: string): { since: Date; cutAnswers: number } | undefined
  /** Calls `onEnd` once when the grant no longer stands, until `release` is called. */
  hold(standing: Standing, probing: boolean, onEnd: (error: AppError) => void): () => void
}

const words: Record<Refusal, string> = {
  'not-granted': 'has not been approved',
  'not-ready': 'is not ready yet',
  ended: 'has ended',
  expired: 'has expired',
}

// The one that says most of what went wrong is told.
const byWeight: Refusal[] = ['expired', 'ended', 'not-ready', 'not-granted']

/** Timers hold at most this many milliseconds. */
const timerMaxMs = 2 ** 31 - 1

/** Answers from what was last seen of the cluster: while it is away, grants stand until they expire. */
export function grantsOf(
  bindings: SharedWatch<ModelBinding>,
  services: SharedWatch<ModelService>,
  now: () => Date,
  signal: AbortSignal,
  onClockJump: Kube['onClockJump'],
): Grants {
  const holds = new Map<string, Set<() => void>>()
  const stood = new Set<string>()
  const ends = new Map<string, { since: Date; cutAnswers: number }>()

  function noteEnd(binding: ModelBinding, removed: boolean) {
    const key = keyOf(binding)
    if (removed) {
      stood.delete(key)
      ends.delete(key)
    } else if ('grant' in grantInForce(binding, now())) {
      stood.add(key)
      ends.delete(key)
    } else if (stood.delete(key)) ends.set(key, { since: now(), cutAnswers: 0 })
  }

  bindings.subscribe((event) => {
    if (event.type === 'snapshot') for (const one of event.objects) noteEnd(one, false)
    else if (event.type !== 'stale') noteEnd(event.object, event.type === 'remove')
    if (event.type === 'upsert' || event.type === 'remove') {
      for (const check of [...(holds.get(keyOf(event.object)) ?? [])]) check()
    } else if (event.type === 'snapshot') {
      for (const checks of [...holds.values()]) for (const check of [...checks]) check()
    }
  }, signal)

  // A timer that was set before this process slept comes too late.
  onClockJump(() => {
    for (const checks of [...holds.values()]) for (const check of [...checks]) check()
  }, signal)

  function serviceOf({ spec }: ModelBinding): ModelService | undefined {
    return services.get(`${spec.modelService.namespace}/${spec.modelService.name}`)
  }

  function asked(identity: Identity): ModelBinding[] {
    const { binding, namespace, how } = identity
    const found = binding
      ? [bindings.get(binding) ?? []].flat()
      : bindings.list().filter((one) => one.metadata.namespace === namespace)
    if (how !== 'pod-ip') return found
    return found.filter((one) => serviceOf(one)?.spec.identity?.podIP)
  }

  function standingOf(
    binding: ModelBinding,
    grant: Grant,
    probing: boolean | undefined,
  ): Standing | undefined {
    const service = serviceOf(binding)
    if (!service) return undefined
    const { namespace = '', name } = binding.metadata
    const { stable, canary } = service.spec.engines
    // A canary that was taken away leaves its tenants on what stands.
    const granted = probing ? grant.ring : callersRing(grant)
    const ring = granted === 'canary' && canary ? 'canary' : 'stable'
    const engine = ring === 'canary' && canary ? canary : stable
    return { key: keyOf(binding), namespace, name, grant, service, ring, engine }
  }

  return {
    standing(identity) {
      if (!bindings.isSynced() || !services.isSynced()) throw notReady()
      const found = asked(identity)
      const refusals = new Set<Refusal>()
      const standing = found.flatMap((binding) => {
        const answer = grantInForce(binding, now(), identity.probing)
        if ('refusal' in answer) refusals.add(answer.refusal)
        return 'grant' in answer ? (standingOf(binding, answer.grant, identity.probing) ?? []) : []
      })
      if (standing.length > 0) return standing.sort((a, b) => (a.key < b.key ? -1 : 1))
      const refusal = byWeight.find((one) => refusals.has(one))
      if (refusal) throw refused(refusal, identity.binding ?? identity.namespace)
      if (found.length > 0) {
        const message = 'The model service of this access is not there.'
        throw new AppError('unavailable', message, { key: 'model_service_missing' })
      }
      const message = identity.binding
        ? `There is no access ${identity.binding}.`
        : `Namespace ${identity.namespace} has no access to a model here.`
      throw new AppError(identity.binding ? 'not-found' : 'forbidden', message, {
        key: 'not_bound',
      })
    },

    endOf: (key) => ends.get(key),

    hold({ key }, probing, onEnd) {
      let timer: NodeJS.Timeout | undefined
      const checks = holds.get(key) ?? new Set()
      holds.set(key, checks)
      function release() {
        clearTimeout(timer)
        checks.delete(check)
        if (checks.size === 0 && holds.get(key) === checks) holds.delete(key)
      }
      function check() {
        clearTimeout(timer)
        const binding = bindings.get(key)
        const answer = binding && grantInForce(binding, now(), probing)
        if (!answer || 'refusal' in answer) {
          release()
          // An expiry is no event: the first that notices it is an answer that runs.
          if (binding) noteEnd(binding, false)
          const end = ends.get(key)
          if (end) end.cutAnswers += 1
          onEnd(refused(answer?.refusal ?? 'ended', key))
          return
        }
        const cut = cutOf(answer.grant)
        if (!cut) return
        const leftMs = Math.max(0, cut.getTime() - now().getTime())
        timer = setTimeout(check, Math.min(leftMs, timerMaxMs))
      }
      checks.add(check)
      check()
      return release
    },
  }
}

function refused(refusal: Refusal, whose: string): AppError {
  const key = `binding_${refusal.replaceAll('-', '_')}`
  return new AppError('forbidden', `The access of ${whose} ${words[refusal]}.`, { key })
}

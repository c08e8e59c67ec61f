import { beginEnd, retryStatus } from '#server/access/machine/binding-status.ts'
import type { BindingSnapshot, BindingStep } from '#server/access/machine/binding-step.ts'
import { retryEndStatus } from '#server/access/machine/end-status.ts'
import { askMove, offerTerms } from '#server/access/model/approver-terms.ts'
import { decide } from '#server/access/model/decide.ts'
import { awaitsAttempt } from '#server/access/model/end-backoff.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { activeGrant, requestOfGrant } from '#server/access/model/requested-changes.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import {
  finishRun,
  mixedWorld,
  perform,
  type Simulation,
  vanish,
  worldOf,
  write,
} from './binding-simulation.ts'
import { sampleBinding, sampleService } from './sample-objects.ts'

/** What people, clusters and clocks do to a binding; each as the web, kubectl or the cluster would write it. */
export type Act =
  | { act: 'step' | 'steps' | 'deny' | 'revoke' | 'delete' | 'retry' }
  | { act: 'release' | 'withdraw' }
  /** A write that is lost on its way (500, timeout, reset), and steps of a controller that saw an older world. */
  | { act: 'lost-step' | 'step-from-old' | 'step-from-mixed' }
  | { act: 'approve'; by?: string }
  | { act: 'change'; alias: string; slice: boolean }
  | { act: 'ask'; days: number; concurrency: number }
  | { act: 'offer'; days: number; canary: boolean }
  | { act: 'move'; canary: boolean }
  | { act: 'finish'; well: boolean }
  | { act: 'lose-run' | 'edit-service' | 'lose-service' | 'restore-service' }
  | { act: 'terminate-namespace' | 'lose-serving' | 'restore-serving' }
  | { act: 'take-name' | 'free-name'; alias: string }
  | { act: 'pass'; days: number }

const dayMs = 86_400_000

export function startSimulation({ signed = true } = {}): Simulation {
  const { metadata, ...asked } = sampleBinding()
  return {
    now: new Date('2026-11-24T08:00:00Z'),
    binding: { ...asked, metadata: signed ? metadata : { ...metadata, annotations: {} } },
    service: sampleService(),
    namespace: 'active',
    serving: 'active',
    runs: new Map(),
    rights: new Set(),
    aliases: new Set(),
    policy: false,
    taken: new Set(),
  }
}

/** Answers with the last step that was taken, if the act was one; what is refused changes nothing. */
export function play(
  simulation: Simulation,
  act: Act,
  seen: BindingSnapshot[] = [],
): BindingStep | undefined {
  const { binding } = simulation
  const world = worldOf(simulation)
  if (!binding || !world) return outside(simulation, act)
  switch (act.act) {
    case 'steps': {
      let step: BindingStep | undefined
      for (let i = 0; i < 8; i += 1) step = play(simulation, { act: 'step' }, seen)
      return step
    }
    case 'step':
      return perform(simulation, world)
    case 'lost-step':
      return perform(simulation, world, true)
    case 'step-from-old':
      return perform(simulation, seen.at(-4) ?? world)
    case 'step-from-mixed':
      return perform(simulation, mixedWorld(seen.at(-3) ?? world, seen.at(-1) ?? world))
    case 'finish':
      for (const name of simulation.runs.keys()) finishRun(simulation, name, act.well)
      return undefined
    case 'release':
    case 'change':
    case 'ask':
    case 'withdraw':
      return edit(simulation, binding, specAfter(binding, act))
    case 'delete':
      if (!binding.metadata.deletionTimestamp) remove(simulation, binding)
      return undefined
    default:
      writeStatus(simulation, binding, act)
      return outside(simulation, act)
  }
}

export function edit(
  simulation: Simulation,
  binding: ModelBinding,
  spec: Partial<ModelBinding['spec']> | undefined,
): undefined {
  if (!spec || (binding.spec.released && !spec.released)) return
  write(simulation, { ...binding, spec: { ...binding.spec, ...spec } })
}

function specAfter(
  binding: ModelBinding,
  act: Extract<Act, { act: 'release' | 'change' | 'ask' | 'withdraw' }>,
): Partial<ModelBinding['spec']> | undefined {
  switch (act.act) {
    case 'release':
      return { released: true }
    case 'change':
      return { alias: act.alias, strategy: act.slice ? 'EndpointSlice' : 'ExternalName' }
    case 'ask': {
      const quota = { ...binding.spec.quota, concurrency: act.concurrency }
      return { durationDays: act.days, quota }
    }
    case 'withdraw': {
      const standing = activeGrant(binding)
      if (!standing) return undefined
      const { renewal, ...wish } = requestOfGrant(standing)
      return { ...wish, renewal: renewal ?? undefined }
    }
  }
}

/** Decisions and ends, as the use cases write them: refused where they would refuse. */
function writeStatus(simulation: Simulation, binding: ModelBinding, act: Act): void {
  const { service, now } = simulation
  const { generation = 1 } = binding.metadata
  const status = attempt(() => {
    switch (act.act) {
      case 'approve':
      case 'deny': {
        if (!service) return undefined
        const digest = binding.status?.seal?.digest ?? ''
        const by = act.act === 'approve' ? (act.by ?? 'grace') : 'grace'
        return decide(
          binding,
          service,
          { decision: act.act, digest, generation, comment: '' },
          by,
          now,
        )
      }
      case 'offer': {
        if (!service) return undefined
        const ring = act.canary ? ('canary' as const) : undefined
        const input = { generation, durationDays: act.days, ring, comment: '' }
        return offerTerms(binding, service, input, 'grace', now)
      }
      case 'move': {
        if (!service) return undefined
        const ring = act.canary ? 'canary' : 'stable'
        return askMove(binding, service, { ring, comment: '' }, 'grace', now)
      }
      case 'revoke': {
        const { end } = binding.status ?? {}
        if (!activeGrant(binding) || (end && !end.provenAt)) return undefined
        const ending = { reason: 'Revoked' as const, by: 'grace', comment: '', generation }
        return beginEnd(binding, ending, now)
      }
      case 'retry': {
        const { end } = binding.status ?? {}
        if (awaitsAttempt(end, now)) return retryEndStatus(binding, end, { by: 'grace' }, now)
        const provisioned = conditionOf(binding.status?.conditions, 'Provisioned')
        if (provisioned?.status !== 'False' || !activeGrant(binding)) return undefined
        return retryStatus(binding, { run: binding.status?.run ?? '', by: 'grace' }, now)
      }
    }
  })
  if (status) write(simulation, { ...binding, status })
}

/** What happens around a binding, whether or not there still is one. */
function outside(simulation: Simulation, act: Act): undefined {
  const { binding, service, now } = simulation
  switch (act.act) {
    case 'edit-service': {
      if (!service) return
      const port = service.spec.service.port + 1
      const spec = { ...service.spec, service: { ...service.spec.service, port } }
      simulation.service = { ...service, spec }
      return
    }
    case 'lose-service':
      simulation.service = undefined
      return
    case 'restore-service':
      if (simulation.serving === 'active') simulation.service = sampleService()
      return
    case 'lose-run':
      for (const name of [...simulation.runs.keys()].slice(0, 1)) simulation.runs.delete(name)
      return
    case 'terminate-namespace':
      simulation.namespace = 'terminating'
      simulation.rights.clear()
      simulation.aliases.clear()
      simulation.taken.clear()
      if (binding && !binding.metadata.deletionTimestamp) remove(simulation, binding)
      return
    case 'lose-serving':
      simulation.serving = 'missing'
      simulation.service = undefined
      simulation.runs.clear()
      simulation.policy = false
      return
    case 'take-name':
      if (!simulation.aliases.has(act.alias)) simulation.taken.add(act.alias)
      return
    case 'free-name':
      simulation.taken.delete(act.alias)
      return
    case 'restore-serving':
      simulation.serving = 'active'
      return
    case 'pass':
      simulation.now = new Date(now.getTime() + act.days * dayMs)
  }
}

function remove(simulation: Simulation, binding: ModelBinding): void {
  if (!binding.metadata.finalizers?.length) {
    vanish(simulation)
    return
  }
  const deletionTimestamp = simulation.now.toISOString()
  write(simulation, { ...binding, metadata: { ...binding.metadata, deletionTimestamp } })
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

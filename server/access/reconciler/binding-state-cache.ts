import type { BindingSnapshot } from '#server/access/machine/binding-step.ts'
import {
  bindingStateFrom,
  type ControllerContext,
  heldRights,
  phaseOf,
} from '#server/access/machine/load-binding-state.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { isCrowdedOut, needsPlan } from '#server/access/model/open-requests.ts'
import { Namespace, type RoleBinding } from '#server/platform/kube/kinds.ts'
import { type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { pause } from '#server/platform/time/backoff.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

export type BindingStateCache = {
  /**
   * The world as the watches last saw it: good enough to see that nothing is to be done, for whatever is missing from it
   * comes as an event. Undefined where it cannot be known; writes always rest on what is read from the cluster.
   */
  of(ref: ObjectRef): BindingSnapshot | undefined
  /** Resolves once everything is known, or after a time: without the serving namespace some of it never is. */
  known: Promise<unknown>
}

const knownWithinMs = 10_000

type Synced = { isSynced(): boolean; synced(signal: AbortSignal): Promise<unknown> }

export function createBindingStateCache(
  ctx: ControllerContext,
  watches: {
    bindings: SharedWatch<ModelBinding>
    services: SharedWatch<ModelService>
    runs: { of(uid: string): TaskRun[] } & Synced
    rights: { of(uid: string): { rights: RoleBinding[] } } & Synced
    names: { isTaken(binding: ModelBinding): boolean }
  },
): BindingStateCache {
  const { bindings, services, runs, rights, names } = watches
  const namespaces = sharedWatch(ctx.kube, Namespace, { signal: ctx.signal })
  const all: Synced[] = [bindings, services, runs, rights, namespaces]
  const { signal } = ctx
  const known = Promise.all(all.map((one) => one.synced(signal))).catch(() => {})
  return {
    known: Promise.race([known, pause(knownWithinMs, signal)]),
    of({ namespace, name }) {
      if (!all.every((one) => one.isSynced())) return undefined
      const binding = bindings.get(`${namespace}/${name}`)
      const serving = phaseOf(namespaces.get(ctx.servingNamespace))
      // Its watches end with a namespace: what they knew last says nothing about what is.
      if (!binding || serving !== 'active') return undefined
      const { uid = '', namespace: home = '' } = binding.metadata
      const ref = binding.spec.modelService
      const inServing = ref.namespace === ctx.servingNamespace
      const service = inServing ? services.get(`${ref.namespace}/${ref.name}`) : undefined
      const now = ctx.now()
      return bindingStateFrom(ctx, {
        binding,
        namespace: phaseOf(namespaces.get(home)),
        serving,
        service,
        runs: runs.of(uid),
        rights: heldRights(binding, new Set(rights.of(uid).rights.map(nameOf))),
        aliasTaken: names.isTaken(binding),
        crowdedOut:
          service !== undefined &&
          needsPlan(binding, now) &&
          isCrowdedOut(binding, bindings.list().filter(isNear(home)), service, now),
      })
    },
  }
}

function isNear(namespace: string) {
  return ({ metadata }: ModelBinding) => metadata.namespace === namespace
}

function nameOf({ metadata }: RoleBinding): string {
  return metadata.name
}

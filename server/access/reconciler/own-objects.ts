import { EndpointSlice, NetworkPolicy, RoleBinding, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { labels } from '#server/platform/model/names.ts'
import type { LiveObjects } from './live-objects.ts'
import { watchByBinding } from './watch-by-binding.ts'

export type OwnObjects = {
  /** What carries the uid of a binding, as last seen. */
  of(uid: string): Omit<LiveObjects, 'strays'>
  policies(): NetworkPolicy[]
  isSynced(): boolean
  synced(signal: AbortSignal): Promise<unknown>
}

/**
 * Everything that bindings made, watched by label: what is edited or deleted by hand is seen at once, and what rests
 * costs the API server nothing. `onChange` is told the binding as `namespace/name`.
 */
export function watchOwnObjects(
  kube: Kube,
  servingNamespace: string,
  signal: AbortSignal,
  onChange: (binding: string) => void,
): OwnObjects {
  const labelSelector = labels.bindingUid
  const everywhere = { labelSelector, signal }
  const services = watchByBinding(kube, Service, everywhere, onChange)
  const slices = watchByBinding(kube, EndpointSlice, everywhere, onChange)
  const rights = watchByBinding(kube, RoleBinding, everywhere, onChange)
  const policies = watchByBinding(
    kube,
    NetworkPolicy,
    { ...everywhere, namespace: servingNamespace },
    onChange,
  )
  const all = [services, slices, rights, policies]
  return {
    of: (uid) => ({
      services: services.of(uid),
      slices: slices.of(uid),
      rights: rights.of(uid),
      policies: policies.of(uid),
    }),
    policies: () => policies.list(),
    isSynced: () => all.every((one) => one.isSynced()),
    synced: (until) => Promise.all(all.map((one) => one.synced(until))),
  }
}

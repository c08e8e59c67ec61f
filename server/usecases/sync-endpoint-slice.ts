import { sliceName } from '#server/domain/binding-names.ts'
import { canonicalJson } from '#server/domain/canonical-json.ts'
import { endsGrant } from '#server/domain/grant-in-force.ts'
import type { ModelBinding } from '#server/domain/model-binding.ts'
import { labels } from '#server/domain/names.ts'
import { EndpointSlice } from '#server/kube/kinds.ts'
import { isNotFound } from '#server/kube/translate-status.ts'
import type { ControllerContext } from './binding-world.ts'

const fieldManager = 'bindery-controller'

type Endpoint = EndpointSlice['endpoints'][number]

/** The ready pods behind a Service, as the slices of its own name say; in a fixed order. */
export function readyEndpoints(slices: EndpointSlice[]): Endpoint[] {
  const addresses = slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false)
    .flatMap((endpoint) => endpoint.addresses)
  return [...new Set(addresses)]
    .sort()
    .map((address) => ({ addresses: [address], conditions: { ready: true } }))
}

/**
 * Keeps the slice of an alias without selector equal to the gateway's ready pods. Writes only where the bind run has
 * made a slice of ours and it differs; answers whether it wrote.
 */
export async function syncEndpointSlice(
  ctx: Pick<ControllerContext, 'kube'>,
  binding: ModelBinding,
  endpoints: Endpoint[],
): Promise<boolean> {
  const { metadata, status } = binding
  const granted = status?.granted
  if (granted?.strategy !== 'EndpointSlice' || endsGrant(status?.end, granted)) return false
  const ref = { namespace: metadata.namespace, name: sliceName(granted.alias) }
  const live = await ctx.kube.find(EndpointSlice, ref)
  if (!live || live.metadata.deletionTimestamp) return false
  if (live.metadata.labels?.[labels.bindingUid] !== metadata.uid) return false
  if (canonicalJson(live.endpoints ?? []) === canonicalJson(endpoints)) return false
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    // The uid: a slice that was removed in the meantime is not made again by this write.
    metadata: { ...ref, uid: live.metadata.uid },
    addressType: 'IPv4',
    endpoints,
  }
  try {
    await ctx.kube.apply(EndpointSlice, slice, { fieldManager, force: true })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  return true
}

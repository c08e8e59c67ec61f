import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { aliasSlices, type WantedSlice } from '#server/access/model/alias-slices.ts'
import { sliceName } from '#server/access/model/binding-names.ts'
import { withConditions } from '#server/access/model/conditions.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import { replaceStatus } from '#server/access/verbs/binding-access.ts'
import { EndpointSlice, type Service } from '#server/platform/kube/kinds.ts'
import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { LiveObjects } from './live-objects.ts'

const fieldManager = 'bindery-controller'

type SliceContext = Pick<ControllerContext, 'kube' | 'now'>

/**
 * Keeps the slices of an alias without selector equal to where the gateway is. Writes only what differs, and only while
 * the Service and the first slice of the plan stand; while they differ all the same, the condition `Stale` says why.
 * Answers whether a slice was written.
 */
export async function syncAliasSlices(
  ctx: SliceContext,
  binding: ModelBinding,
  live: Pick<LiveObjects, 'services' | 'slices'>,
  gateway: EndpointSlice[],
): Promise<boolean> {
  const { status } = binding
  const granted = status?.granted
  if (granted?.strategy !== 'EndpointSlice' || endsGrant(status?.end, granted)) {
    await recordFresh(ctx, binding)
    return false
  }
  const service = live.services.find((one) => one.metadata.name === granted.alias)
  const first = live.slices.find((one) => one.metadata.name === sliceName(granted.alias))
  if (!service || !first || first.metadata.deletionTimestamp) {
    if (granted.usableSince) {
      await recordStale(ctx, binding, 'AliasMissing', 'The alias has no slice of ours to keep.')
    }
    return false
  }
  const standing = live.slices.filter((one) => !one.metadata.deletionTimestamp)
  const wanted = aliasSlices(granted.alias, gateway, standing)
  try {
    const written = await writeSlices(ctx, binding, { service, first, standing, wanted })
    await recordFresh(ctx, binding)
    return written
  } catch (error) {
    const why = error instanceof AppError ? error.message : 'The cluster failed to answer.'
    await recordStale(ctx, binding, 'NotWritten', `The alias is not led where it should: ${why}`)
    throw error
  }
}

async function writeSlices(
  ctx: SliceContext,
  binding: ModelBinding,
  alias: {
    service: Service
    first: EndpointSlice
    standing: EndpointSlice[]
    wanted: WantedSlice[]
  },
): Promise<boolean> {
  const { standing, wanted, first } = alias
  let written = false
  for (const slice of wanted) {
    const there = standing.find((one) => one.metadata.name === slice.name)
    if (there && same(there.endpoints, slice.endpoints)) continue
    written = true
    const object =
      slice.name === first.metadata.name
        ? endpointsOf(binding, slice, first)
        : surplusOf(binding, slice, alias)
    try {
      await ctx.kube.apply(EndpointSlice, object, { fieldManager, force: true })
    } catch (error) {
      // Gone in the meantime: what is there is looked at anew.
      if (!isNotFound(error)) throw error
    }
  }
  const names = new Set(wanted.map(({ name }) => name))
  for (const { metadata } of standing) {
    if (names.has(metadata.name)) continue
    written = true
    const { namespace, name, uid } = metadata
    await ctx.kube.remove(EndpointSlice, { namespace, name }, { uid }).catch((error) => {
      if (!isNotFound(error)) throw error
    })
  }
  return written
}

/** Of the plan's own slice only the endpoints. The uid: one that was removed meanwhile is not made again by this. */
function endpointsOf(
  { metadata }: ModelBinding,
  { name, addressType, endpoints }: WantedSlice,
  first: EndpointSlice,
): EndpointSlice {
  const { namespace } = metadata
  const { uid } = first.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name, uid },
    addressType,
    endpoints,
  }
}

/** Slices beyond the plan's are the controller's; they go with the Service that they belong to. */
function surplusOf(
  binding: ModelBinding,
  { name, addressType, endpoints }: WantedSlice,
  { service, first }: { service: Service; first: EndpointSlice },
): EndpointSlice {
  const { name: alias, uid = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: binding.metadata.namespace,
      name,
      labels: {
        ...ownLabels(binding),
        'kubernetes.io/service-name': alias,
        'endpointslice.kubernetes.io/managed-by': 'controller.bindery.dev',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: alias, uid, controller: true }],
    },
    addressType,
    endpoints,
    ports: first.ports,
  }
}

/** Order says nothing, and conditions may be left out by who wrote them. */
function same(a: EndpointSlice['endpoints'] = [], b: EndpointSlice['endpoints'] = []): boolean {
  const text = (endpoints: EndpointSlice['endpoints']) =>
    endpoints.map((one) => canonicalJson(one)).sort()
  return canonicalJson(text(a)) === canonicalJson(text(b))
}

async function recordStale(
  ctx: SliceContext,
  binding: ModelBinding,
  reason: string,
  message: string,
): Promise<void> {
  const stale = conditionOf(binding.status?.conditions, 'Stale')
  if (stale?.status === 'True' && stale.message === message) return
  await record(ctx, binding, 'True', reason, message)
}

async function recordFresh(ctx: SliceContext, binding: ModelBinding): Promise<void> {
  if (conditionOf(binding.status?.conditions, 'Stale')?.status !== 'True') return
  await record(ctx, binding, 'False', 'InStep', 'Nothing leads elsewhere than the gateway.')
}

async function record(
  ctx: SliceContext,
  binding: ModelBinding,
  status: 'True' | 'False',
  reason: string,
  message: string,
): Promise<void> {
  const { generation = 1 } = binding.metadata
  const change = { type: 'Stale' as const, status, reason, message: message.slice(0, 1000) }
  const conditions = withConditions(binding.status?.conditions, [change], generation, ctx.now())
  await replaceStatus(ctx, binding, { ...binding.status, conditions })
}

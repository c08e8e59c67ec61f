import type { Api } from '#server/lab/cluster/api/api.ts'
import { isMap } from '#server/lab/cluster/api/apply/typed-value.ts'
import { listBody } from '#server/lab/cluster/api/discovery/table.ts'
import type { Accepted } from '#server/lab/cluster/api/negotiate.ts'
import { mediaType, parseBody, readBytes } from '#server/lab/cluster/api/read-body.ts'
import { type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { isDryRun } from '#server/lab/cluster/api/request.ts'
import { sendObject } from '#server/lab/cluster/api/respond.ts'
import { type ResourceRequest, sendOne } from '#server/lab/cluster/api/send-one.ts'
import { badRequest } from '#server/lab/cluster/api/status.ts'
import { type DeleteOptions, deleteObject } from './delete-object.ts'
import { listObjects, listOptions } from './list-objects.ts'
import { fromStored } from './write-options.ts'

/** Kinds whose deletion answers with the object itself. */
const answeredWithObject = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'resourcequotas',
  'podtemplates',
])

/** `DELETE …/NAME`. */
export async function deleteOne(
  api: Api,
  served: Served,
  request: ResourceRequest,
  accepted: Accepted,
): Promise<void> {
  const { resource } = served
  const { namespace, name = '' } = request.path
  const options = await deleteOptionsOf(request)
  const { object, gone } = deleteObject(api, served, namespace, name, options)
  if (!gone || answeredWithObject.has(tableOf(resource)))
    return sendOne(served, request, accepted, 200, object)
  sendObject(
    request.response,
    200,
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        ...(resource.group === '' ? {} : { group: resource.group }),
        kind: resource.plural,
        uid: object.metadata.uid,
      },
    },
    accepted.media,
  )
}

/** `DELETE` of a list: what the selectors choose. */
export async function deleteAll(
  api: Api,
  served: Served,
  request: ResourceRequest,
  accepted: Accepted,
): Promise<void> {
  const { path, query, response } = request
  const options = await deleteOptionsOf(request)
  const page = listObjects(api, served, listOptions(served, path.namespace, undefined, query))
  for (const { metadata } of page.items)
    deleteObject(api, served, metadata.namespace, metadata.name, options)
  const items = page.items.map((one) => fromStored(served, one))
  sendObject(response, 200, listBody(served, page, items), accepted.media)
}

async function deleteOptionsOf({ incoming, query }: ResourceRequest): Promise<DeleteOptions> {
  const contentType = mediaType(incoming.headers['content-type'])
  const bytes = await readBytes(incoming)
  const body = parseBody(bytes, contentType, 'DeleteOptions')
  const given = isMap(body) ? body : {}
  const grace = given.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined
  const policy = given.propagationPolicy ?? query.get('propagationPolicy') ?? undefined
  const orphan = given.orphanDependents ?? undefined
  const seconds = grace === undefined ? undefined : Number(grace)
  if (seconds !== undefined && !Number.isInteger(seconds))
    throw badRequest(
      'DeleteOptions in version "v1" cannot be handled: gracePeriodSeconds must be an integer',
    )
  const preconditions = isMap(given.preconditions) ? given.preconditions : {}
  const { uid, resourceVersion } = preconditions
  const dryRun = Array.isArray(given.dryRun) && given.dryRun.includes('All')
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: Math.max(0, seconds) }),
    ...(policy === undefined
      ? orphan === true
        ? { propagationPolicy: 'Orphan' }
        : {}
      : { propagationPolicy: policyOf(policy) }),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
    dryRun: dryRun || isDryRun(query),
  }
}

function policyOf(policy: unknown): 'Background' | 'Foreground' | 'Orphan' {
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy
  throw badRequest(
    `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
  )
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeObject } from '#server/devcluster/client.ts'
import type { Api } from './api.ts'
import { isMap } from './apply/typed-value.ts'
import { createObject } from './create-object.ts'
import { type DeleteOptions, deleteObject } from './delete-object.ts'
import { listObjects, listOptions } from './list-objects.ts'
import { type Accepted, negotiate } from './negotiate.ts'
import type { ApiPath } from './parse-path.ts'
import { applyJsonPatch } from './patch/json-patch.ts'
import { mergePatch } from './patch/merge-patch.ts'
import { patchObject } from './patch-object.ts'
import { mediaType, parseBody, readBytes } from './read-body.ts'
import { type Served, tableOf } from './registry.ts'
import { isDryRun, writeOptionsOf } from './request.ts'
import { sendObject } from './respond.ts'
import { readScale, writeScale } from './scale-object.ts'
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  noSuchResource,
  notFound,
  unsupportedMediaType,
} from './status.ts'
import { type Included, listBody, listMetadata, metadataOnly, tableOfObjects } from './table.ts'
import { updateObject } from './update-object.ts'
import type { User } from './user.ts'
import { isTrue, streamWatch, watchOptions } from './watch-objects.ts'
import { fromStored } from './write-options.ts'

export type ResourceRequest = {
  incoming: IncomingMessage
  response: ServerResponse
  path: ApiPath
  query: URLSearchParams
  verb: string
  user: User
  /** Aborts when the caller goes away or the cluster closes. */
  signal: AbortSignal
  /** Whether the same user may do something else with the same object. */
  may(verb: string): boolean
}

/** Serves the verbs of a stored kind, its status and its scale. */
export async function serveResource(
  api: Api,
  served: Served,
  request: ResourceRequest,
): Promise<void> {
  const { path, verb } = request
  const { resource } = served
  checkRoute(served, request)
  const accepted = negotiate(request.incoming.headers.accept, isOffered)
  if (verb === 'list' || verb === 'watch') return serveList(api, served, request, accepted)
  if (verb === 'deletecollection') return deleteAll(api, served, request, accepted)
  if (path.subresource === 'scale') return serveScale(api, served, request, accepted)
  const { name = '', namespace } = path
  if (verb === 'get') {
    const found = api.store.get(tableOf(resource), namespace, name)
    if (!found) throw notFound(resource, name)
    return sendOne(served, request, accepted, 200, found)
  }
  if (verb === 'delete') return deleteOne(api, served, request, accepted)
  return write(api, served, request, accepted)
}

function isOffered({ as, group }: Accepted): boolean {
  return (
    group === 'meta.k8s.io' &&
    ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'].includes(as ?? '')
  )
}

function checkRoute({ resource }: Served, { path, verb }: ResourceRequest): void {
  const { subresource, subpath, name, namespace } = path
  const sub = resource.subresources
  const isKnown =
    subresource === undefined ||
    (subresource === 'status' && sub?.status) ||
    (subresource === 'scale' && sub?.scale) ||
    (subresource === 'finalize' && resource.plural === 'namespaces')
  if (!isKnown || subpath !== '') throw noSuchResource()
  if (resource.namespaced && namespace === undefined && name !== undefined) throw noSuchResource()
  if (!resource.namespaced && namespace !== undefined) throw noSuchResource()
  const isAllowed = resource.verbs?.some((one) => one === verb) ?? true
  const fitsSubresource = subresource === undefined || ['get', 'update', 'patch'].includes(verb)
  const fitsName = verb === 'create' ? name === undefined : true
  const needsNamespace = resource.namespaced && verb === 'create' && namespace === undefined
  if (!isAllowed || !fitsSubresource || !fitsName || needsNamespace) throw methodNotAllowed()
  if (['update', 'patch'].includes(verb) && name === undefined) throw methodNotAllowed()
}

async function write(
  api: Api,
  served: Served,
  request: ResourceRequest,
  accepted: Accepted,
): Promise<void> {
  const { incoming, path, query, verb, user } = request
  const { namespace, name = '', subresource } = path
  const warnings: string[] = []
  const options = writeOptionsOf(incoming, query, user, subresource, (one) => warnings.push(one))
  const contentType = mediaType(incoming.headers['content-type'])
  if (contentType.includes('protobuf')) throw unsupportedMediaType()
  if (verb === 'patch' && !patchTypes.has(contentType)) throw unsupportedMediaType()
  const bytes = await readBytes(incoming)
  const body = parseBody(bytes, contentType, served.resource.kind)
  if (verb === 'create') {
    const object = createObject(api, served, namespace, body ?? {}, options)
    return sendOne(served, request, accepted, 201, object, warnings)
  }
  if (verb === 'update') {
    const object = updateObject(api, served, namespace, name, body ?? {}, options)
    return sendOne(served, request, accepted, 200, object, warnings)
  }
  const exists = api.store.get(tableOf(served.resource), namespace, name) !== undefined
  if (contentType === 'application/apply-patch+yaml' && !exists && !request.may('create'))
    throw forbidden(
      served.resource,
      name,
      `User "${user.username}" cannot create resource "${served.resource.plural}" in API group "${served.resource.group}"`,
    )
  const patch = {
    contentType,
    body,
    force: isTrue(query.get('force')),
    hasManager: Boolean(query.get('fieldManager')),
  }
  const { object, created } = patchObject(api, served, namespace, name, patch, options)
  return sendOne(served, request, accepted, created ? 201 : 200, object, warnings)
}

const patchTypes = new Set([
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
])

async function serveScale(
  api: Api,
  served: Served,
  request: ResourceRequest,
  { media }: Accepted,
): Promise<void> {
  const { incoming, response, path, query, verb, user } = request
  const { namespace, name = '' } = path
  if (verb === 'get')
    return sendObject(response, 200, readScale(api, served, namespace, name), media)
  const options = writeOptionsOf(incoming, query, user, 'scale', () => undefined)
  const contentType = mediaType(incoming.headers['content-type'])
  const body = parseBody(await readBytes(incoming), contentType, 'Scale')
  const modify = (scale: object) => {
    if (verb === 'update') return body
    return contentType === 'application/json-patch+json'
      ? applyJsonPatch(scale, body)
      : mergePatch(scale, body)
  }
  sendObject(response, 200, writeScale(api, served, namespace, name, modify, options), media)
}

async function serveList(
  api: Api,
  served: Served,
  request: ResourceRequest,
  accepted: Accepted,
): Promise<void> {
  const { response, path, query, verb, signal } = request
  const options = listOptions(served, path.namespace, path.name, query)
  const include = includedIn(query)
  if (verb === 'watch') {
    let isFirst = true
    const render = (stored: KubeObject) => {
      const object = fromStored(served, stored)
      if (accepted.as === 'PartialObjectMetadata') return metadataOnly(object)
      if (accepted.as !== 'Table') return object
      const metadata = { resourceVersion: object.metadata.resourceVersion }
      const table = tableOfObjects(served, [object], metadata, include, isFirst)
      isFirst = false
      return table
    }
    return streamWatch(api, served, watchOptions(options, query), render, response, signal)
  }
  const page = listObjects(api, served, options)
  const items = page.items.map((one) => fromStored(served, one))
  sendObject(response, 200, renderList(served, page, items, accepted, include), accepted.media)
}

function renderList(
  served: Served,
  page: ReturnType<typeof listObjects>,
  items: KubeObject[],
  { as }: Accepted,
  include: Included,
): object {
  if (as === 'Table') return tableOfObjects(served, items, listMetadata(page), include)
  if (as === 'PartialObjectMetadataList')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: listMetadata(page),
      items: items.map(metadataOnly),
    }
  return listBody(served, page, items)
}

function sendOne(
  served: Served,
  { response, query }: ResourceRequest,
  { as, media }: Accepted,
  status: number,
  stored: KubeObject,
  warnings: string[] = [],
): void {
  const object = fromStored(served, stored)
  const { resourceVersion, ...unversioned } = object.metadata
  if (as === 'Table') {
    const table = tableOfObjects(served, [object], { resourceVersion }, includedIn(query))
    return sendObject(response, status, table, media, warnings)
  }
  if (as === 'PartialObjectMetadata')
    return sendObject(response, status, metadataOnly(object), media, warnings)
  // Only a dry run has none.
  const body = resourceVersion === '' ? { ...object, metadata: unversioned } : object
  sendObject(response, status, body, media, warnings)
}

function includedIn(query: URLSearchParams): Included {
  const asked = query.get('includeObject') ?? ''
  if (asked === 'None' || asked === 'Object') return asked
  if (asked === '' || asked === 'Metadata') return 'Metadata'
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`)
}

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

async function deleteOne(
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

async function deleteAll(
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

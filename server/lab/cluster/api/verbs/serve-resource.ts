import type { Api } from '#server/lab/cluster/api/api.ts'
import {
  type Included,
  listBody,
  listMetadata,
  metadataOnly,
  tableOfObjects,
} from '#server/lab/cluster/api/discovery/table.ts'
import { type Accepted, negotiate } from '#server/lab/cluster/api/negotiate.ts'
import { applyJsonPatch } from '#server/lab/cluster/api/patch/json-patch.ts'
import { mergePatch } from '#server/lab/cluster/api/patch/merge-patch.ts'
import { mediaType, parseBody, readBytes } from '#server/lab/cluster/api/read-body.ts'
import { type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { writeOptionsOf } from '#server/lab/cluster/api/request.ts'
import { sendObject } from '#server/lab/cluster/api/respond.ts'
import { includedIn, type ResourceRequest, sendOne } from '#server/lab/cluster/api/send-one.ts'
import {
  forbidden,
  methodNotAllowed,
  noSuchResource,
  notFound,
  unsupportedMediaType,
} from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { createObject } from './create-object.ts'
import { listObjects, listOptions } from './list-objects.ts'
import { patchObject } from './patch-object.ts'
import { readScale, writeScale } from './scale-object.ts'
import { deleteAll, deleteOne } from './serve-delete.ts'
import { updateObject } from './update-object.ts'
import { isTrue, streamWatch, watchOptions } from './watch-objects.ts'
import { fromStored } from './write-options.ts'

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

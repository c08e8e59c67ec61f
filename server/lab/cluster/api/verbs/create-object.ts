import { randomInt, randomUUID } from 'node:crypto'
import { admitByPolicies } from '#server/lab/cluster/api/admission/admission-policies.ts'
import { type Api, timestamp } from '#server/lab/cluster/api/api.ts'
import { trackUpdate } from '#server/lab/cluster/api/apply/managed-fields.ts'
import { objectSchema } from '#server/lab/cluster/api/apply/typed-value.ts'
import { decodeObject } from '#server/lab/cluster/api/decode-object.ts'
import { apiVersionOf, type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  notFound,
  StatusError,
} from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { emptyObject } from './empty-object.ts'
import { validateMeta } from './object-meta.ts'
import { dropUnknown, toStored, type WriteOptions, writeContext } from './write-options.ts'

const generatedNameMax = 63

/**
 * Creates an object from a request's body and returns it as stored (not yet in the version asked for).
 * @param owners replaces the usual ownership of fields, for server-side apply
 */
export function createObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  body: unknown,
  options: WriteOptions,
  owners?: (object: KubeObject) => void,
): KubeObject {
  const { resource } = served
  const decoded = decodeObject(served, body)
  setNamespace(decoded, namespace)
  if (decoded.metadata.resourceVersion)
    throw badRequest('resourceVersion should not be set on objects to be created')
  dropUnknown(served, decoded, options)
  const object = toStored(served, decoded)
  stampNew(api, object)
  const context = writeContext(api, options, 'create')

  resource.defaults?.(object, context)
  if (resource.generations) object.metadata.generation = 1
  resource.prepareForCreate?.(object, context)
  if (resource.namespaced) checkNamespace(api, served, object)
  resource.admit?.(object, undefined, context)
  if (options.user) {
    const name = decoded.metadata.name ?? ''
    admitByPolicies(api, { resource, name, object, old: undefined, context }, options.warn)
  }
  const causes = [
    ...validateMeta(object, undefined, resource),
    ...(resource.validate?.(object, undefined, context) ?? []),
  ]
  if (causes.length > 0) throw invalid(resource, object.metadata.name ?? '', causes)
  for (const sentence of resource.warnings?.(object, undefined) ?? []) options.warn(sentence)

  const table = tableOf(resource)
  if (api.store.get(table, object.metadata.namespace, object.metadata.name))
    throw alreadyExists(resource, object.metadata.name)
  if (owners) owners(object)
  else
    trackUpdate(emptyObject(served), object, [], objectSchema(resource.schema), {
      manager: options.manager,
      apiVersion: apiVersionOf(resource.group, served.version),
      now: context.now,
    })
  return options.dryRun ? object : api.store.put(table, object)
}

/** The path's namespace, which the body may repeat but not contradict. */
export function setNamespace(object: KubeObject, namespace: string | undefined): void {
  const given = object.metadata.namespace
  if (namespace === undefined) {
    delete object.metadata.namespace
    return
  }
  if (given && given !== namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  object.metadata.namespace = namespace
}

function stampNew(api: Api, object: KubeObject): void {
  const { metadata } = object
  const { name, generateName, namespace, labels, annotations, finalizers, ownerReferences } =
    metadata
  const finalName =
    !name && generateName ? `${generateName.slice(0, generatedNameMax - 5)}${suffix()}` : name
  object.metadata = {
    name: finalName,
    ...(generateName ? { generateName } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUUID(),
    resourceVersion: '',
    creationTimestamp: timestamp(api.now()),
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(ownerReferences ? { ownerReferences } : {}),
    ...(finalizers ? { finalizers } : {}),
  }
}

/** Five characters without vowels or look-alikes, so that no words come out. */
function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
}

function checkNamespace(api: Api, { resource }: Served, object: KubeObject): void {
  const name = object.metadata.namespace ?? ''
  const namespace = api.store.get('namespaces', undefined, name)
  if (!namespace) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, name)
  if (!namespace.metadata.deletionTimestamp) return
  const why = `unable to create new content in namespace ${name} because it is being terminated`
  const refused = forbidden(resource, object.metadata.name ?? '', why)
  throw new StatusError(refused.code, refused.reason, refused.message, {
    ...refused.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  })
}

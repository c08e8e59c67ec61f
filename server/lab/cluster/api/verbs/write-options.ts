import { type Api, timestamp } from '#server/lab/cluster/api/api.ts'
import { apiVersionOf, type Served } from '#server/lab/cluster/api/registry.ts'
import type { WriteContext } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import { badRequest } from '#server/lab/cluster/api/status.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { prune, unknownFields } from '#server/lab/cluster/crd/schema/prune.ts'
import { isObject, type Json } from '#server/lab/cluster/crd/schema/schema.ts'

/** Who writes, and how. */
export type WriteOptions = {
  user: User | undefined
  /** Name under which fields are owned. */
  manager: string
  dryRun: boolean
  subresource: string | undefined
  /** What happens to fields that are unknown or given twice. */
  fieldValidation: 'Ignore' | 'Warn' | 'Strict'
  /** Collects the sentences of `Warning` headers. */
  warn: (sentence: string) => void
}

export function writeContext(
  api: Api,
  options: WriteOptions,
  verb: WriteContext['verb'],
): WriteContext {
  return {
    client: api.client,
    user: options.user,
    verb,
    subresource: options.subresource,
    dryRun: options.dryRun,
    now: timestamp(api.now()),
  }
}

/** An object as it is stored: in the stored version. */
export function toStored(served: Served, object: KubeObject): KubeObject {
  const { resource, other } = served
  const converted = other?.toStored ? other.toStored(structuredClone(object)) : object
  return { ...converted, apiVersion: apiVersionOf(resource.group, resource.version) }
}

/** A stored object as a client of this version sees it. */
export function fromStored(served: Served, object: KubeObject): KubeObject {
  if (!served.other) return object
  const { resource, other, version } = served
  const converted = other.fromStored ? other.fromStored(structuredClone(object)) : object
  return { ...converted, apiVersion: apiVersionOf(resource.group, version) }
}

/** Speaks up about fields that will be dropped, then drops them. */
export function dropUnknown(served: Served, object: KubeObject, options: WriteOptions): void {
  const { resource, version } = served
  if (options.fieldValidation !== 'Ignore') {
    const sentences = unknownFieldsOf(served, object).map(
      (path) => `unknown field ${JSON.stringify(path)}`,
    )
    if (sentences.length > 0 && options.fieldValidation === 'Strict')
      throw badRequest(
        `${resource.kind} in version "${version}" cannot be handled as a ${resource.kind}: strict decoding error: ${sentences.join(', ')}`,
      )
    for (const sentence of sentences) options.warn(sentence)
  }
  if (resource.dropUnknown) resource.dropUnknown(object)
  else if (resource.schema && !resource.custom) prune(jsonOf(object), resource.schema)
}

function unknownFieldsOf({ resource }: Served, object: KubeObject): string[] {
  const inMetadata = unknownFields(jsonOf(object.metadata), builtinSchema('V1ObjectMeta')).map(
    (path) => `metadata.${path}`,
  )
  if (resource.unknownFields) return [...inMetadata, ...resource.unknownFields(object)]
  if (!resource.schema || resource.custom) return inMetadata
  return [...inMetadata, ...unknownFields(jsonOf(object), resource.schema)]
}

/** Decoded bodies are JSON. */
function jsonOf(value: object): Json {
  return isObject(value) ? value : {}
}

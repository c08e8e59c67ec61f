import type { Api } from '#server/lab/cluster/api/api.ts'
import { applyObject } from '#server/lab/cluster/api/apply/apply-object.ts'
import { isMap, objectSchema } from '#server/lab/cluster/api/apply/typed-value.ts'
import { applyJsonPatch } from '#server/lab/cluster/api/patch/json-patch.ts'
import { mergePatch } from '#server/lab/cluster/api/patch/merge-patch.ts'
import { strategicMerge } from '#server/lab/cluster/api/patch/strategic-merge.ts'
import type { Served } from '#server/lab/cluster/api/registry.ts'
import {
  badRequest,
  invalid,
  StatusError,
  unsupportedMediaType,
} from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { currentObject, updateObject } from './update-object.ts'
import type { WriteOptions } from './write-options.ts'

export type Patch = {
  contentType: string
  body: unknown
  /** Server-side apply only: take fields from their owners. */
  force: boolean
  /** Whether the client named a field manager itself, which apply demands. */
  hasManager: boolean
}

/** Changes an object by one of the four kinds of patch. Returns it as stored, and whether apply created it. */
export function patchObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
  patch: Patch,
  options: WriteOptions,
): { object: KubeObject; created: boolean } {
  const { resource } = served
  switch (patch.contentType) {
    case 'application/apply-patch+yaml':
      checkApplyOptions(patch)
      return applyObject(api, served, namespace, name, patch, options)
    case 'application/strategic-merge-patch+json': {
      if (resource.custom)
        throw new StatusError(
          415,
          'UnsupportedMediaType',
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
        )
      const schema = objectSchema(resource.schema)
      return change((current) => strategicMerge(current, mapOf(patch.body), schema))
    }
    case 'application/merge-patch+json':
      return change((current) => mergePatch(current, mapOf(patch.body)))
    case 'application/json-patch+json':
      return change((current) => applyJsonPatch(current, patch.body))
    default:
      throw unsupportedMediaType()
  }

  function change(modify: (current: KubeObject) => unknown) {
    if (patch.force)
      throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
        {
          reason: 'FieldValueForbidden',
          message: 'Forbidden: may not be specified for non-apply patch',
          field: 'force',
        },
      ])
    const current = currentObject(api, served, namespace, name)
    const next = modify(current)
    const object = updateObject(api, served, namespace, name, next, options, { verb: 'patch' })
    return { object, created: false }
  }
}

function mapOf(body: unknown): Record<string, unknown> {
  if (isMap(body)) return body
  throw badRequest(
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  )
}

function checkApplyOptions(patch: Patch): void {
  if (patch.hasManager) return
  throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
    {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    },
  ])
}

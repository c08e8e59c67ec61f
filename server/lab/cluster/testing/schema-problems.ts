import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { Draft } from '#server/lab/cluster/client.ts'
import {
  type CompiledSchema,
  compileSchema,
} from '#server/lab/cluster/crd/schema/compile-schema.ts'
import type { Json } from '#server/lab/cluster/crd/schema/schema.ts'
import { loadManifests } from '#server/lab/cluster/manifests/load-manifests.ts'
import { admitTask, mutateTask } from '#server/lab/cluster/tekton/validate/webhook.ts'

/** Whose schemas come with their own operators. */
const foreign = new Set(['ServiceMonitor', 'PrometheusRule', 'HTTPRoute', 'Application'])

const crds = loadManifests('manifests/crds')
const schemas = new Map<string, CompiledSchema>()

/** By the OpenAPI of Kubernetes, as its official client was generated from it, or by our own CRDs. */
function schemaOf({ apiVersion, kind }: Draft): CompiledSchema {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  const known = schemas.get(kind)
  if (known) return known
  const crd = crds.find((one) => one.spec.group === group && one.spec.names.kind === kind)
  const model = `${version[0]?.toUpperCase()}${version.slice(1)}${kind}`
  const schema = compileSchema(
    crd ? crd.spec.versions[0].schema.openAPIV3Schema : builtinSchema(model),
  )
  schemas.set(kind, schema)
  return schema
}

/** What `kubectl apply --validate=strict` would say; nothing of kinds whose operators bring their schema. */
export function schemaProblems(object: Draft): string[] {
  if (foreign.has(object.kind)) return []
  const copy = structuredClone(object) as Json & Draft
  if (object.apiVersion.startsWith('tekton.dev/')) {
    mutateTask(copy as never)
    admitTask(copy as never)
    return []
  }
  const schema = schemaOf(object)
  const unknown = schema.unknownFields(copy).map((field) => `${field} is not known`)
  const wrong = schema.validate(copy).map((cause) => `${cause.field}: ${cause.message}`)
  return [...unknown, ...wrong]
}

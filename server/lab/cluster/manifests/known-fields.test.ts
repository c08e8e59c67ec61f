import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { Draft } from '#server/lab/cluster/client.ts'
import {
  type CompiledSchema,
  compileSchema,
} from '#server/lab/cluster/crd/schema/compile-schema.ts'
import type { Json } from '#server/lab/cluster/crd/schema/schema.ts'
import { admitTask, mutateTask } from '#server/lab/cluster/tekton/validate/webhook.ts'
import { loadManifests } from './load-manifests.ts'

// The embedded cluster forgives what `kubectl apply` of a real one warns about or refuses: here nothing is forgiven.

/** Whose schemas come with their own operators. */
const foreign = new Set(['ServiceMonitor', 'PrometheusRule', 'HTTPRoute'])

const folders = readdirSync('manifests', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('kustomization.yaml'))
  .map((path) => join('manifests', dirname(path)))
  .sort()
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

function problemsOf(object: Draft): string[] {
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

describe.each(folders)('%s', (folder) => {
  test('holds only what the API server knows', () => {
    const objects = loadManifests(folder).filter(({ kind }) => !foreign.has(kind))
    const problems = objects.flatMap((object) =>
      problemsOf(object).map((one) => `${object.kind} ${object.metadata.name}: ${one}`),
    )
    expect(problems).toEqual([])
  })
})

test('the examples are what the API server knows', () => {
  const files = readdirSync('manifests/examples').filter((name) => name.endsWith('.yaml'))
  const objects = files.flatMap((name) => loadManifests(join('manifests/examples', name)))
  expect(objects.length).toBeGreaterThan(0)
  const known = objects.filter(({ kind }) => !foreign.has(kind))
  expect(known.flatMap(problemsOf)).toEqual([])
})

test('a field that is not known is named, however deep', () => {
  const [deployment] = loadManifests('manifests/deploy').filter(({ kind }) => kind === 'Deployment')
  if (!deployment) throw new Error('There is no Deployment.')
  deployment.spec.template.spec.containers[0].readinessProbe.httpget = {}
  expect(problemsOf(deployment).join()).toContain('readinessProbe.httpget is not known')
})

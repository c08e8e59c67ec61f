import type { Environment } from '@marcbachmann/cel-js'
import type { Registry } from '#server/lab/cluster/api/registry.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { compileExpression } from '#server/lab/cluster/crd/cel/cel-compile.ts'
import { kubernetesEnvironment } from '#server/lab/cluster/crd/cel/cel-functions.ts'
import { type CelType, declareType } from '#server/lab/cluster/crd/cel/cel-types.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { addAuthorizer } from './cel-authorizer.ts'

export type ExpressionWarning = { fieldRef: string; warning: string }

type Validation = { expression: string; messageExpression?: string }
type Rule = { apiGroups?: string[]; apiVersions?: string[]; resources?: string[] }

const kindsMax = 10
const text: Schema = { type: 'string' }
const kindOf: Schema = {
  type: 'object',
  properties: { group: text, version: text, kind: text, resource: text },
}
const requestSchema: Schema = {
  type: 'object',
  properties: {
    kind: kindOf,
    resource: kindOf,
    subResource: text,
    name: text,
    namespace: text,
    operation: text,
    dryRun: { type: 'boolean' },
    userInfo: {
      type: 'object',
      properties: {
        username: text,
        uid: text,
        groups: { type: 'array', items: text },
        extra: { type: 'object', additionalProperties: { type: 'array', items: text } },
      },
    },
  },
}

/**
 * What the API server's controller writes into `status.typeChecking.expressionWarnings`: each validation of a policy,
 * compiled against every kind that its rules name (wildcards, subresources and kinds that are not served are left out).
 */
export function checkPolicyTypes(registry: Registry, policy: KubeObject): ExpressionWarning[] {
  const kinds = matchedKinds(registry, policy).flatMap((resource) => {
    const checked = environmentFor(resource, policy)
    return checked ? [{ resource, ...checked }] : []
  })
  const validations: Validation[] = policy.spec?.validations ?? []
  return validations.flatMap((validation, index) =>
    (['expression', 'messageExpression'] as const).flatMap((field) => {
      const source = validation[field]
      if (!source) return []
      const problems = kinds.flatMap(({ resource, env, types }) => {
        const compiled = compileExpression(env, types, source, wantedOf(field))
        if (!('problem' in compiled)) return []
        const { group, version, kind } = resource
        const title = `${group === '' ? '' : `${group}/`}${version}, Kind=${kind}`
        return [`${title}: ${compiled.problem.replace(/^compilation failed: /, '')}\n`]
      })
      if (problems.length === 0) return []
      return [{ fieldRef: `spec.validations[${index}].${field}`, warning: problems.join('\n') }]
    }),
  )
}

function wantedOf(field: 'expression' | 'messageExpression'): 'bool' | 'string' {
  return field === 'expression' ? 'bool' : 'string'
}

function matchedKinds(registry: Registry, { spec }: KubeObject): Resource[] {
  const rules: Rule[] = spec?.matchConstraints?.resourceRules ?? []
  const found = new Map<string, Resource>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules)
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const plural of resources) {
          const served = registry.find(group, version, plural)
          if (served) found.set(`${group}/${served.resource.kind}`, served.resource)
        }
  return [...found.values()].slice(0, kindsMax)
}

/** An environment in which `object` has the kind's type, and `variables` those of their expressions. */
function environmentFor(
  resource: Resource,
  { spec }: KubeObject,
): { env: Environment; types: CelType[] } | undefined {
  if (!resource.schema) return undefined
  let env = addAuthorizer(kubernetesEnvironment())
  const types: CelType[] = []
  const properties = {
    ...resource.schema.properties,
    apiVersion: text,
    kind: text,
    metadata: builtinSchema('V1ObjectMeta'),
  }
  const object = declareType(env, { ...resource.schema, properties }, false)
  if (!object) return undefined
  const request = declareType(env, requestSchema, false, { next: 10_000 })
  collectTypes(object, types)
  if (request) collectTypes(request, types)
  env.registerOperator(`${object.name} == null`, (one: unknown) => one === null)
  env
    .registerVariable('object', object.name)
    .registerVariable('oldObject', object.name)
    .registerVariable('request', request?.name ?? 'dyn')
    .registerVariable('params', 'dyn')
    .registerVariable('namespaceObject', 'dyn')
  const fields: Record<string, string> = {}
  const variables: { name: string; expression: string }[] = spec?.variables ?? []
  const base = env
  env = withVariables(base, fields)
  for (const { name, expression } of variables) {
    fields[name] = typeOf(env, expression)
    env = withVariables(base, fields)
  }
  return { env, types }
}

function withVariables(base: Environment, fields: Record<string, string>): Environment {
  const ctor = class {}
  return base
    .clone()
    .registerType('variables_type', { ctor, fields: { ...fields } })
    .registerVariable('variables', 'variables_type')
}

/** `dyn` where the expression itself is wrong: what uses it is told, not it. */
function typeOf(env: Environment, expression: string): string {
  try {
    return env.parse(expression).check().type ?? 'dyn'
  } catch {
    return 'dyn'
  }
}

function collectTypes(type: CelType, into: CelType[]): void {
  if (into.includes(type)) return
  into.push(type)
  for (const one of Object.values(type.fields ?? {})) collectTypes(one, into)
  if (type.values) collectTypes(type.values, into)
}

import type { ParseResult } from '@marcbachmann/cel-js'
import type { Api } from '#server/lab/cluster/api/api.ts'
import { isMap } from '#server/lab/cluster/api/apply/typed-value.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { qualified, StatusError } from '#server/lab/cluster/api/status.ts'
import type { Store } from '#server/lab/cluster/api/store/store.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { kubernetesEnvironment } from '#server/lab/cluster/crd/cel/cel-functions.ts'
import { type AdmittedWrite, matchesResources } from './admission-match.ts'
import { parametersOf } from './admission-parameters.ts'
import { Authorizer, addAuthorizer } from './cel-authorizer.ts'

type Validation = { expression: string; message?: string; messageExpression?: string }
type Program = (variables: Record<string, unknown>) => unknown

type Policy = {
  variables: { name: string; run: Program }[]
  conditions: Program[]
  validations: { run: Program; message: string; messageOf?: Program }[]
}

const group = 'admissionregistration.k8s.io'
// Policies are frozen once they are stored: a changed one is another object.
const compiled = new WeakMap<KubeObject, Policy>()

/**
 * Holds a write to the ValidatingAdmissionPolicies that are bound, in CEL, in the order of the API server: what policy
 * and binding select, then the parameters, then the match conditions, then the validations. Parameters other than one
 * ConfigMap by its name refuse, as `failurePolicy: Fail`.
 */
export function admitByPolicies(
  { store, client }: Pick<Api, 'store' | 'client'>,
  write: AdmittedWrite,
  warn: (sentence: string) => void,
): void {
  const { resource, object } = write
  for (const binding of store.list(`validatingadmissionpolicybindings.${group}`)) {
    const name = binding.spec?.policyName ?? ''
    const policy = store.get(`validatingadmissionpolicies.${group}`, undefined, name)
    if (!policy || !concerns(store, policy, binding, write)) continue
    const actions: string[] = binding.spec?.validationActions ?? ['Deny']
    const problem = evaluate(store, policy, binding, inputOf(client, write))
    if (problem === undefined) continue
    const text = `ValidatingAdmissionPolicy '${name}' with binding '${binding.metadata.name}' denied request: ${problem}`
    if (actions.includes('Warn')) warn(`Validation failed for ${text}`)
    if (actions.includes('Deny')) throw denied(resource, object.metadata.name, text)
  }
}

function concerns(
  store: Store,
  policy: KubeObject,
  binding: KubeObject,
  write: AdmittedWrite,
): boolean {
  const { matchConstraints = {} } = policy.spec ?? {}
  const { matchResources } = binding.spec ?? {}
  if (!matchesResources(store, matchConstraints, write, 'rules-none')) return false
  return !matchResources || matchesResources(store, matchResources, write, 'rules-all')
}

function inputOf(
  client: ClusterClient,
  { resource, name, object, old, context }: AdmittedWrite,
): Record<string, unknown> {
  const { user, subresource, dryRun } = context
  const { group: apiGroup, version, kind, plural } = resource
  const userInfo = {
    username: user?.username ?? 'system:kube-controller-manager',
    uid: user?.uid ?? '',
    groups: user?.groups ?? ['system:masters'],
    extra: user?.extra ?? {},
  }
  return {
    authorizer: new Authorizer(client, userInfo),
    object: celValue(object),
    oldObject: celValue(old ?? null),
    request: celValue({
      kind: { group: apiGroup, version, kind },
      resource: { group: apiGroup, version, resource: plural },
      subResource: subresource ?? '',
      name,
      namespace: object.metadata.namespace ?? '',
      operation: old ? 'UPDATE' : 'CREATE',
      userInfo,
      dryRun,
    }),
  }
}

/** What is wrong with the request, or with the policy; undefined where the request may pass. */
function evaluate(
  store: Store,
  policy: KubeObject,
  binding: KubeObject,
  request: Record<string, unknown>,
): string | undefined {
  try {
    const params = parametersOf(store, policy, binding)
    const { variables, conditions, validations } = programsOf(policy)
    const input = { ...request, params: celValue(params ?? null) }
    if (!conditions.every((run) => run({ ...input, variables: {} }) === true)) return undefined
    const scope: Record<string, unknown> = { ...input, variables: lazy(variables, input) }
    const failed = validations.find(({ run }) => run(scope) !== true)
    if (!failed) return undefined
    const said = failed.messageOf?.(scope)
    return typeof said === 'string' && said !== '' ? said : failed.message
  } catch (error) {
    if (policy.spec?.failurePolicy === 'Ignore') return undefined
    return error instanceof Error ? error.message : String(error)
  }
}

function programsOf(policy: KubeObject): Policy {
  const known = compiled.get(policy)
  if (known) return known
  const env = addAuthorizer(kubernetesEnvironment())
  for (const name of ['object', 'oldObject', 'request', 'params', 'variables'])
    env.registerVariable(name, 'dyn')
  const compile = (source: string): Program => {
    const program: ParseResult = env.parse(source)
    return (scope) => program(scope)
  }
  const spec = policy.spec ?? {}
  const variables: { name: string; expression: string }[] = spec.variables ?? []
  const conditions: { expression: string }[] = spec.matchConditions ?? []
  const validations: Validation[] = spec.validations ?? []
  const made = {
    variables: variables.map(({ name, expression }) => ({ name, run: compile(expression) })),
    conditions: conditions.map(({ expression }) => compile(expression)),
    validations: validations.map(({ expression, message, messageExpression }) => ({
      run: compile(expression),
      message: message ?? `failed expression: ${expression}`,
      ...(messageExpression ? { messageOf: compile(messageExpression) } : {}),
    })),
  }
  compiled.set(policy, made)
  return made
}

/** A variable is evaluated when it is first read, and may read the ones before it. */
function lazy(
  variables: Policy['variables'],
  input: Record<string, unknown>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { name, run } of variables) {
    Object.defineProperty(values, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = run({ ...input, variables: values })
        Object.defineProperty(values, name, { enumerable: true, value })
        return value
      },
    })
  }
  return values
}

/** JSON as CEL sees it: whole numbers are ints. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(entries.map(([name, one]) => [name, celValue(one)]))
}

function denied(resource: Resource, name: string, text: string): StatusError {
  const message = `${qualified(resource)} "${name}" is forbidden: ${text}`
  return new StatusError(422, 'Invalid', message, {
    name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    causes: [{ message: text }],
  })
}

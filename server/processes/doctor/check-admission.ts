import { ConfigMap, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import {
  AdmissionPolicy,
  AdmissionPolicyBinding,
  type MatchResources,
  MutatingWebhooks,
  type Selector,
  ValidatingWebhooks,
} from './doctor-kinds.ts'
import { type Found, ok, problem, warning } from './finding.ts'

/** Admission policies and webhooks that refuse, or would refuse after one more step, what is none of theirs. */
export async function checkAdmission(kube: Kube): Promise<Found[]> {
  const [policies, bindings, ...webhooks] = await Promise.all([
    kube.list(AdmissionPolicy),
    kube.list(AdmissionPolicyBinding),
    kube.list(ValidatingWebhooks),
    kube.list(MutatingWebhooks),
  ])
  const found: Found[] = []
  for (const binding of bindings) {
    const policy = policies.find(({ metadata }) => metadata.name === binding.spec.policyName)
    if (policy) found.push(...(await judgeBinding(kube, policy, binding)))
  }
  for (const { metadata, status } of policies.filter(isOurs)) {
    for (const { fieldRef, warning: text } of status?.typeChecking?.expressionWarnings ?? []) {
      const message = `Policy ${metadata.name} does not fit every kind that it matches: ${fieldRef}: ${firstLine(text)}`
      found.push(warning(message, 'Apply the manifests of this version again.'))
    }
  }
  found.push(...(await judgeWebhooks(kube, webhooks.flat())))
  const count = `${policies.length} policies, ${webhooks.flat().length} webhook configurations`
  return found.length > 0 ? found : [ok(`Nothing refuses what is not its own (${count}).`)]
}

async function judgeBinding(
  kube: Kube,
  policy: AdmissionPolicy,
  { metadata, spec }: AdmissionPolicyBinding,
): Promise<Found[]> {
  const { name } = metadata
  const remove = `kubectl delete validatingadmissionpolicybinding ${name}`
  if (!(spec.validationActions ?? ['Deny']).includes('Deny')) return []
  if (name.startsWith('contract-')) {
    const message = `The policy ${name} was left behind by npm run test:contract.`
    return [problem(message, `${remove}; kubectl delete validatingadmissionpolicy ${name}`)]
  }
  const reach = reachOf(policy.spec.matchConstraints, spec.matchResources)
  const { paramRef } = spec
  const refusesWithout =
    policy.spec.paramKind !== undefined && (paramRef?.parameterNotFoundAction ?? 'Deny') === 'Deny'
  if (refusesWithout && paramRef?.name && policy.spec.paramKind?.kind === 'ConfigMap') {
    const ref = { namespace: paramRef.namespace, name: paramRef.name }
    if (paramRef.namespace && !(await kube.find(ConfigMap, ref))) {
      const message = `The policy ${name} refuses every write of ${reach.resources}${reach.isEverywhere ? ' in the whole cluster' : ''}: its ConfigMap ${paramRef.namespace}/${paramRef.name} is missing.`
      return [problem(message, `Make the ConfigMap again, or ${remove}`)]
    }
  }
  if (!isOurs(policy) || !reach.isEverywhere) return []
  if (refusesWithout) {
    const message = `The policy ${name} would refuse every write of ${reach.resources} in the whole cluster as soon as its parameter is missing.`
    return [problem(message, `${remove}; then apply the manifests of this version.`)]
  }
  const message = `The policy ${name} matches ${reach.resources} of every namespace.`
  return [warning(message, 'Apply the manifests of this version: theirs select by labels.')]
}

/** Writes of our own kinds are ours to judge everywhere; of others only where a label says that they are. */
function reachOf(
  constraints: MatchResources | undefined,
  narrowed: MatchResources | undefined,
): { resources: string; isEverywhere: boolean } {
  const rules = constraints?.resourceRules ?? []
  const others = rules.filter(
    ({ apiGroups = [], resourceNames = [] }) =>
      resourceNames.length === 0 && apiGroups.some((group) => group !== 'bindery.dev'),
  )
  const resources = [...new Set(rules.flatMap(({ resources = [] }) => resources))].join(', ')
  const selects = [constraints, narrowed].some(
    (one) => selectsSome(one?.namespaceSelector) || selectsSome(one?.objectSelector),
  )
  return { resources, isEverywhere: others.length > 0 && !selects }
}

function selectsSome(selector: Selector | undefined): boolean {
  return (
    Object.keys(selector?.matchLabels ?? {}).length > 0 ||
    (selector?.matchExpressions ?? []).length > 0
  )
}

async function judgeWebhooks(
  kube: Kube,
  configurations: { metadata: { name: string }; webhooks?: Webhook[] }[],
): Promise<Found[]> {
  const found: Found[] = []
  for (const { metadata, webhooks = [] } of configurations) {
    for (const { name, failurePolicy = 'Fail', clientConfig } of webhooks) {
      const { service } = clientConfig
      if (failurePolicy !== 'Fail' || !service || (await kube.find(Service, service))) continue
      const message = `The webhook ${name} of ${metadata.name} refuses what it matches: its Service ${service.namespace}/${service.name} does not exist.`
      const todo = `Install what it belongs to again, or delete the configuration ${metadata.name}.`
      found.push(problem(message, todo))
    }
  }
  return found
}

type Webhook = {
  name: string
  failurePolicy?: string
  clientConfig: { service?: { namespace: string; name: string } }
}

function isOurs({ metadata }: { metadata: { name: string } }): boolean {
  return metadata.name.startsWith('bindery-')
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

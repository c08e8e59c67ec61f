import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Draft } from '#server/lab/cluster/client.ts'
import { loadManifests } from './load-manifests.ts'

// An admission policy that matches what is not Bindery's can stop a whole cluster: by a parameter that is missing, by an
// expression that fails, by an API server that cannot compile it. So ours match by selectors or names, and nothing else.

const ourNamespaces = ['bindery-system', 'model-serving-prod', 'bindery-data']
const ourGroups = ['bindery.dev']
/** Kinds that can refuse what others write, beside policies. */
const refusing = [
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'APIService',
]

const folders = readdirSync('manifests', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('kustomization.yaml'))
  .filter((path) => !path.startsWith('components/'))
  .map((path) => join('manifests', dirname(path)))
  .sort()

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[] }
type Selector = { matchLabels?: object; matchExpressions?: { operator: string }[] }

/** What a policy could refuse to others; nothing where it is well behaved. */
function faultsOf({ kind, metadata, spec }: Draft): string[] {
  const faults: string[] = []
  const fault = (why: string) => faults.push(`${kind} ${metadata.name}: ${why}`)
  if (refusing.includes(kind)) fault('can refuse what others write')
  if (kind === 'ValidatingAdmissionPolicyBinding' && spec.paramRef) fault('has parameters')
  if (['ResourceQuota', 'LimitRange', 'NetworkPolicy'].includes(kind)) {
    if (!ourNamespaces.includes(metadata.namespace ?? '')) fault('lies in a namespace of others')
  }
  if (kind !== 'ValidatingAdmissionPolicy') return faults
  if (spec.paramKind) fault('has parameters')
  const { resourceRules = [], namespaceSelector, objectSelector } = spec.matchConstraints
  if (resourceRules.length === 0) fault('matches nothing')
  const selected = selects(objectSelector) || selects(namespaceSelector)
  for (const rule of resourceRules as Rule[]) {
    const of = `${rule.apiGroups}/${rule.resources}`
    if ([...rule.apiGroups, ...rule.resources].includes('*')) fault(`${of} matches any kind`)
    const ours = rule.apiGroups.every((one) => ourGroups.includes(one))
    if (!ours && !selected && !rule.resourceNames?.length) fault(`${of} matches all of them`)
  }
  return faults
}

/** Whether a selector leaves out what has none of its labels. */
function selects(selector: Selector | undefined): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.keys(matchLabels).length > 0 ||
    matchExpressions.some(({ operator }) => operator === 'In' || operator === 'Exists')
  )
}

describe.each(folders)('%s', (folder) => {
  test('holds nothing that can refuse what is not Bindery’s', () => {
    expect(loadManifests(folder).flatMap(faultsOf)).toEqual([])
  })
})

test('what would stop a cluster is found', () => {
  const pods = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }
  const policy = (spec: object): Draft => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'x' },
    spec,
  })
  const constraints = (more: object) =>
    faultsOf(policy({ matchConstraints: { resourceRules: [pods], ...more } }))
  expect(constraints({})).toEqual(['ValidatingAdmissionPolicy x: /pods matches all of them'])
  // Absent labels match these two.
  const notIn = [{ key: 'a', operator: 'NotIn', values: ['b'] }]
  expect(constraints({ namespaceSelector: { matchExpressions: notIn } })).toHaveLength(1)
  expect(constraints({ objectSelector: {} })).toHaveLength(1)
  expect(constraints({ objectSelector: { matchLabels: { a: 'b' } } })).toEqual([])
  expect(constraints({ resourceRules: [{ ...pods, resourceNames: ['ours'] }] })).toEqual([])
  const any = { ...pods, apiGroups: ['*'] }
  expect(constraints({ resourceRules: [any] })).toHaveLength(2)
  const parameters = { paramKind: {}, matchConstraints: { resourceRules: [] } }
  expect(faultsOf(policy(parameters))).toHaveLength(2)
})

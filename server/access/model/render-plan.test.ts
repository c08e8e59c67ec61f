import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import type { ModelBinding } from './model-binding.ts'
import { bindPlanSchema, parseSealed, sealText, unbindPlanSchema } from './plan.ts'
import { renderPlan, renderUnbindPlan, targetOf } from './render-plan.ts'

const domain = 'cluster.local'

/** The name goes with its binding, whoever took the finalizer off. */
const { name, uid } = sampleBinding().metadata
const ownerReferences = [
  { apiVersion: 'bindery.dev/v1alpha1', kind: 'ModelBinding', name, uid, controller: true },
]

test('an ExternalName alias leads to the gateway, and the policy lets exactly its namespace in', () => {
  const plan = renderPlan(sampleBinding(), sampleService(), domain)
  expect(plan.address).toBe('http://vibethinker-gateway.research-team-a.svc.cluster.local:8080')
  const [alias, policy] = plan.apply
  expect(alias).toMatchObject({
    kind: 'Service',
    metadata: { namespace: 'research-team-a', name: 'vibethinker-gateway', ownerReferences },
    spec: {
      type: 'ExternalName',
      externalName: 'vibethinker-svc.model-serving-prod.svc.cluster.local',
    },
  })
  expect(policy?.metadata, 'an owner may not stand in another namespace').not.toHaveProperty(
    'ownerReferences',
  )
  expect(policy).toMatchObject({
    kind: 'NetworkPolicy',
    metadata: { namespace: 'model-serving-prod' },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'bindery-gateway' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: {
                matchLabels: { 'kubernetes.io/metadata.name': 'research-team-a' },
              },
            },
          ],
          ports: [{ port: 8080, protocol: 'TCP' }],
        },
      ],
    },
  })
})

test('an EndpointSlice alias is a Service without selector and a slice without endpoints', () => {
  const plan = renderPlan(sampleBinding({ strategy: 'EndpointSlice' }), sampleService(), domain)
  const [service, slice] = plan.apply
  expect(service).toMatchObject({
    kind: 'Service',
    metadata: { ownerReferences },
    spec: { type: 'ClusterIP' },
  })
  expect(service?.spec).not.toHaveProperty('selector')
  expect(slice).toMatchObject({
    kind: 'EndpointSlice',
    metadata: {
      labels: { 'kubernetes.io/service-name': 'vibethinker-gateway' },
      ownerReferences,
    },
  })
  expect(slice).not.toHaveProperty('endpoints')
})

test('what an older grant made and the new one does not need is removed', () => {
  const binding = granted(sampleBinding({ alias: 'new' }), {
    strategy: 'EndpointSlice',
    alias: 'old',
  })
  const plan = renderPlan(binding, sampleService(), domain)
  expect(plan.remove.map((one) => `${one.kind}/${one.name}`)).toEqual([
    'EndpointSlice/old-bindery',
    'Service/old',
  ])
  const same = granted(sampleBinding(), { strategy: 'EndpointSlice', alias: 'vibethinker-gateway' })
  expect(renderPlan(same, sampleService(), domain).remove.map((one) => one.kind)).toEqual([
    'EndpointSlice',
  ])
})

test('an unbind plan names everything that any grant may have made, the policy first', () => {
  const binding = granted(sampleBinding({ alias: 'new' }), {
    strategy: 'ExternalName',
    alias: 'new',
  })
  const { remove } = renderUnbindPlan(binding, sampleService(), domain)
  const made = renderPlan(binding, sampleService(), domain).apply.map(targetOf)
  expect(remove[0]?.kind).toBe('NetworkPolicy')
  expect(remove).toEqual(expect.arrayContaining(made))
})

test('the same wish gives the same digest, any other wish another', () => {
  const wish = fc.record({
    alias: fc.constantFrom('one', 'two', 'three-four'),
    strategy: fc.constantFrom('ExternalName' as const, 'EndpointSlice' as const),
    durationDays: fc.integer({ min: 1, max: 3 }),
    quota: fc.record({
      requestsPerMinute: fc.integer({ min: 1, max: 3 }),
      tokensPerDay: fc.integer({ min: 1000, max: 1002 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
    }),
  })
  const seal = (spec: Partial<ModelBinding['spec']>) =>
    sealText(renderPlan(sampleBinding(spec), sampleService(), domain))
  fc.assert(
    fc.property(wish, wish, (one, other) => {
      expect(seal(one)).toEqual(seal(structuredClone(one)))
      expect(seal(one).digest === seal(other).digest).toBe(
        canonicalJson(one) === canonicalJson(other),
      )
    }),
  )
})

test('a sealed text is read back only under its own digest', () => {
  const { text, digest } = sealText(renderPlan(sampleBinding(), sampleService(), domain))
  expect(parseSealed(bindPlanSchema, text, digest).grant.alias).toBe('vibethinker-gateway')
  const forged = text.replace('research-team-a', 'research-team-b')
  expect(() => parseSealed(bindPlanSchema, forged, digest)).toThrow('digest differs')
  const unbind = sealText(renderUnbindPlan(sampleBinding(), undefined, domain))
  expect(parseSealed(unbindPlanSchema, unbind.text, unbind.digest).gateway).toBeUndefined()
})

test('two bindings never share a name', () => {
  const other = sampleBinding()
  other.metadata.uid = 'b7a7c4c4-0000-4000-8000-000000000000'
  const names = [sampleBinding(), other].map(
    (one) => renderPlan(one, sampleService(), domain).apply.at(-1)?.metadata.name,
  )
  expect(new Set(names).size).toBe(2)
})

function granted(
  binding: ModelBinding,
  alias: { strategy: 'ExternalName' | 'EndpointSlice'; alias: string },
): ModelBinding {
  const { durationDays, quota } = binding.spec
  const grant = { generation: 1, durationDays, quota, ring: 'stable' as const, digest: '' }
  return {
    ...binding,
    status: { granted: { ...grant, ...alias, approvedBy: ['grace'], approvedAt: '' } },
  }
}

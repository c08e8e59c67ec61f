import { expect, test } from 'vitest'
import { planNextStep } from '#server/access/machine/plan-next-step.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import type { ModelBinding } from './model-binding.ts'
import { isCrowdedOut, openRequests, openRequestsMax } from './open-requests.ts'

const now = new Date('2026-11-24T12:00:00Z')
const limits = { ...sampleService().spec.limits, openRequests: 3 }
const service = sampleService({ limits })

function request(minute: number, rest: Partial<ModelBinding> = {}): ModelBinding {
  const { metadata, ...base } = sampleBinding()
  const name = `request-${minute}`
  const creationTimestamp = `2026-11-24T08:${String(minute).padStart(2, '0')}:00Z`
  const finalizers = ['bindery.dev/unbind']
  return {
    ...base,
    ...rest,
    metadata: { ...metadata, name, uid: name, creationTimestamp, finalizers },
  }
}

const all = [5, 3, 1, 4, 2].map((minute) => request(minute))

test('the oldest requests of a namespace are planned, and no more than the service allows', () => {
  expect(openRequestsMax(sampleService())).toBe(10)
  expect(openRequests(all, service, now).map(({ metadata }) => metadata.name)).toEqual(
    [1, 2, 3, 4, 5].map((minute) => `request-${minute}`),
  )
  const crowded = (bindings: ModelBinding[]) =>
    bindings
      .filter((one) => isCrowdedOut(one, bindings, service, now))
      .map(({ metadata }) => metadata.name)
      .sort()
  expect(crowded(all)).toEqual(['request-4', 'request-5'])
  // Of another service, released, or being deleted: not open.
  const { spec } = sampleBinding()
  const others = [
    request(0, { spec: { ...spec, modelService: { ...spec.modelService, name: 'other' } } }),
    request(0, { spec: { ...spec, released: true } }),
  ]
  expect(crowded([...all, ...others])).toEqual(['request-4', 'request-5'])
  expect(crowded(all.slice(1))).toEqual(['request-4'])
  const seal = { generation: 1, run: 'r', digest: 'd', changes: [], previewedAt: now.toISOString() }
  expect(isCrowdedOut(request(9, { status: { seal } }), all, service, now)).toBe(false)
})

test('a request that is one too many gets no run, says why, and looks again', () => {
  const world = {
    now,
    binding: request(4),
    service,
    namespace: 'active' as const,
    serving: 'active' as const,
    plan: { text: '{}', digest: 'sha256:1' },
    unbindPlan: { text: '{}', digest: 'sha256:2' },
    runs: new Map(),
    rights: new Set<never>(),
    aliasTaken: false,
    crowdedOut: true,
  }
  expect(planNextStep(world)).toMatchObject({
    step: 'record-waiting',
    reason: 'TooManyOpenRequests',
    message: expect.stringMatching(/^3 /),
  })
  const ready = {
    type: 'Ready',
    status: 'False' as const,
    reason: 'TooManyOpenRequests',
    message: '',
    lastTransitionTime: now.toISOString(),
  }
  const told = request(4, { status: { conditions: [ready] } })
  const again = planNextStep({ ...world, binding: told })
  expect(again).toEqual({ step: 'wait', until: new Date(now.getTime() + 30_000) })
  expect(planNextStep({ ...world, crowdedOut: false })).toMatchObject({ step: 'give-rights' })
})

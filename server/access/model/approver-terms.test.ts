import { expect, test } from 'vitest'
import type { ModelService } from '#server/serving/model/model-service.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { askMove, offerTerms } from './approver-terms.ts'
import type { ModelBinding } from './model-binding.ts'

const now = new Date('2026-11-24T09:00:00Z')
const engines = {
  stable: { service: 'vibethinker-app', port: 8000 },
  canary: { service: 'vibethinker-next', port: 8000 },
}
const service = sampleService({ engines })
const asked = () => bindingIn(askedSimulation())
const by = { by: 'grace', at: '2026-11-24T09:00:00Z' }
const input = { generation: 1, durationDays: 7, comment: 'To begin.', requestId: 'of-the-offer' }

function keyOf(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return (error as { details: { key?: string } }).details.key
  }
  return undefined
}

function running(ring: 'stable' | 'canary', readyReplicas: number): ModelService {
  return { ...service, status: { engines: [{ ring, readyReplicas }] } }
}

test('an offer is kept whole, unseals what it replaces, and is taken back by one of nothing', () => {
  const offered = offerTerms(asked(), service, input, 'grace', now)
  expect(offered.terms).toEqual({ ...input, ...by, quota: undefined, ring: undefined })
  expect(offered.seal).toBeUndefined()
  const sealed = withStatus(asked(), { terms: { ...input, ...by } })
  const nothing = { generation: 1, comment: '' }
  expect(offerTerms(sealed, service, nothing, 'grace', now).terms).toBeUndefined()
})

test('an offer is of what can be decided, by somebody else, and never of more', () => {
  const offer = (rest: object, who = 'grace', binding = asked(), of = service) =>
    keyOf(() => offerTerms(binding, of, { ...input, ...rest }, who, now))
  expect(offer({})).toBeUndefined()
  expect(offer({}, 'ada')).toBe('binding.selfApproval')
  const own = sampleService({ approval: { required: 1, allowSelfApproval: true } })
  expect(offer({}, 'ada', asked(), own)).toBeUndefined()
  expect(offer({ generation: 2 })).toBe('binding.changed')
  expect(offer({}, 'grace', bindingIn(readySimulation()))).toBe('binding.decided')
  expect(offer({ durationDays: 31 })).toBe('binding.aboveAsked')
  const { quota } = asked().spec
  for (const field of ['requestsPerMinute', 'tokensPerDay', 'concurrency'] as const) {
    expect(offer({ quota: { ...quota, [field]: quota[field] + 1 } })).toBe('binding.aboveAsked')
  }
  expect(offer({ quota })).toBeUndefined()
  expect(offer({ ring: 'canary' }, 'grace', asked(), sampleService())).toBe('binding.noRing')
})

test('a move is kept whole, taken back before it is sealed, and refused where it leads nowhere', () => {
  const body = { ring: 'canary' as const, comment: 'Try it.', requestId: 'of-the-move' }
  const ready = bindingIn(readySimulation())
  const move = (binding: ModelBinding, to = body.ring as 'stable' | 'canary', of = service) =>
    keyOf(() => askMove(binding, of, { ...body, ring: to }, 'grace', now))
  expect(askMove(ready, service, body, 'grace', now).move).toEqual({ ...body, ...by })
  const asking = withStatus(ready, { move: { ...body, ...by } })
  const back = askMove(asking, service, { ring: 'stable', comment: '' }, 'grace', now)
  expect(back.move).toBeUndefined()
  expect(move(ready, 'stable')).toBe('binding.onRing')

  expect(move(asked())).toBe('binding.nothingToMove')
  expect(move({ ...ready, spec: { ...ready.spec, released: true } })).toBe('binding.nothingToMove')
  const deletionTimestamp = now.toISOString()
  const deleted = { ...ready, metadata: { ...ready.metadata, deletionTimestamp } }
  expect(move(deleted)).toBe('binding.nothingToMove')

  expect(move(ready, 'canary', sampleService())).toBe('binding.noRing')
  expect(move(ready, 'canary', running('canary', 0))).toBe('binding.noRing')
  expect(move(ready, 'canary', running('canary', 1))).toBeUndefined()
  const there = { ...ready.status!.granted!, ring: 'canary' as const }
  const onCanary = withStatus(ready, { granted: there })
  expect(move(onCanary, 'stable', running('stable', 0)), 'one waits for it').toBeUndefined()
})

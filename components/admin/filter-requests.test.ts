import { expect, test } from 'vitest'
import type { BindingView } from '#server/access/views/binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { askedAt, filterRequests, neighboursOf, type RequestFilter } from './filter-requests.ts'

const now = new Date('2026-11-24T12:00:00Z')
const may = { approve: true, revoke: true, update: true, delete: true, use: true }
const base = bindingView(sampleBinding(), sampleService(), { user: 'grace', may }, now)
const digest = `sha256:${'a'.repeat(64)}`

function request(name: string, change: Partial<BindingView>): BindingView {
  const seal = { generation: 1, digest, run: name, changes: [], previewedAt: base.createdAt }
  return { ...base, id: `team/${name}`, namespace: 'team', name, seal, can: ['decide'], ...change }
}

function decided(by: string, at: string): BindingView['decisions'] {
  return [{ generation: 1, decision: 'approve', by, at, comment: '', digest }]
}

function names(bindings: BindingView[], filter: Partial<RequestFilter> = {}): string[] {
  const found = filterRequests(bindings, { view: 'waiting', ...filter }, 'grace', now)
  return found.map(({ name }) => name)
}

test('what waits longest stands first', () => {
  const young = request('young', { createdAt: '2026-11-24T11:00:00Z' })
  const old = request('old', { createdAt: '2026-11-20T11:00:00Z' })
  expect(names([young, old])).toEqual(['old', 'young'])
})

test('the queue is sorted the other way round, or by what is asked for', () => {
  const { quota } = base.asked
  const asks = (durationDays: number, tokensPerDay: number): Partial<BindingView> => ({
    createdAt: `2026-11-24T1${durationDays}:00:00Z`,
    asked: { ...base.asked, durationDays, quota: { ...quota, tokensPerDay } },
  })
  const all = [
    request('one', asks(1, 5000)),
    request('two', asks(2, 9000)),
    request('three', asks(0, 9000)),
  ]
  expect(names(all)).toEqual(['three', 'one', 'two'])
  expect(names(all, { sort: 'reversed' })).toEqual(['two', 'one', 'three'])
  expect(names(all, { sort: 'days' })).toEqual(['two', 'one', 'three'])
  expect(names(all, { sort: 'tokens' }), 'what waits longer first').toEqual(['three', 'two', 'one'])
  const own = all.map((one) => ({ ...one, requestedBy: 'grace' }))
  expect(names(own, { view: 'mine' })).toEqual(['two', 'one', 'three'])
  expect(names(own, { view: 'mine', sort: 'reversed' })).toEqual(['three', 'one', 'two'])
})

test('from one that has just left the queue it goes on to the next, not to the first', () => {
  const [a, b, c] = [1, 2, 3].map((hour) =>
    request(`at-${hour}`, { createdAt: `2026-11-24T0${hour}:00:00Z` }),
  )
  const filter = { view: 'waiting' as const }
  const around = (queue: BindingView[], one?: BindingView) => neighboursOf(queue, one, filter)
  expect(around([a!, b!, c!], b)).toEqual({ before: 'team/at-1', after: 'team/at-3' })
  expect(around([a!, c!], b)).toEqual({ before: 'team/at-1', after: 'team/at-3' })
  expect(around([a!, b!], c)).toEqual({ before: 'team/at-2', after: undefined })
  expect(around([a!, b!])).toEqual({})
})

test('whoever has approved has done their part: it waits for somebody else', () => {
  const byMe = request('by-me', { decisions: decided('grace', '2026-11-24T11:00:00Z') })
  const byHenry = request('by-henry', { decisions: decided('henry', '2026-11-24T11:00:00Z') })
  expect(names([byMe, byHenry])).toEqual(['by-henry'])
  expect(names([byMe, byHenry], { view: 'mine' })).toEqual(['by-me'])
  expect(names([byMe, byHenry], { view: 'decided' })).toEqual(['by-henry', 'by-me'])
})

test('an approval of an earlier plan is no part of this one', () => {
  const resealed = request('resealed', { decisions: decided('grace', '2026-11-24T11:00:00Z') })
  if (resealed.seal) resealed.seal = { ...resealed.seal, digest: `sha256:${'b'.repeat(64)}` }
  expect(names([resealed])).toEqual(['resealed'])
})

test('service, namespace and age narrow it down', () => {
  const young = request('young', { createdAt: '2026-11-24T11:00:00Z' })
  const old = request('old', { createdAt: '2026-11-10T11:00:00Z', namespace: 'other' })
  expect(names([young, old], { age: 'day' })).toEqual(['young'])
  expect(names([young, old], { age: 'older' })).toEqual(['old'])
  expect(names([young, old], { namespace: 'other' })).toEqual(['old'])
  expect(names([young, old], { service: 'model-serving-prod/none' })).toEqual([])
})

test('a change is as old as its plan, not as its binding', () => {
  const previewedAt = '2026-11-24T11:00:00Z'
  const looked = '2026-11-24T11:30:00Z'
  const seal = { generation: 2, digest, run: 'x', changes: [], previewedAt, since: previewedAt }
  const granted = { ...base.asked, generation: 1 } as unknown as BindingView['granted']
  const change = request('change', { createdAt: '2026-01-01T00:00:00Z', seal, granted })
  expect(names([change], { age: 'day' })).toEqual(['change'])
  const again = { ...change, seal: { ...seal, previewedAt: looked } }
  expect(askedAt(again), 'however often its plan is looked at').toBe(previewedAt)
})

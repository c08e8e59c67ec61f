import { expect, test } from 'vitest'
import type { BindingView } from '#server/access/views/binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { bindingChoices, filterBindings } from './filter-bindings.ts'

const may = { approve: true, revoke: true, update: true, delete: true, use: true }
const base = bindingView(sampleBinding(), sampleService(), { user: 'grace', may }, new Date())

function one(name: string, change: Partial<BindingView> = {}): BindingView {
  return { ...base, id: `team/${name}`, name, state: 'ready', pending: false, ...change }
}

function term(expiresAt: string): BindingView['term'] {
  const since = '2026-11-01T00:00:00Z'
  return { since, expiresAt, cutAt: expiresAt, warnings: [], warning: 20 }
}

function drifted(status: 'True' | 'False'): BindingView['conditions'] {
  const at = '2026-11-24T08:00:00Z'
  return [{ type: 'Drifted', status, reason: 'Edited', message: '', lastTransitionTime: at }]
}

const end: NonNullable<BindingView['end']> = {
  ...{ reason: 'Revoked', by: 'grace', at: '2026-11-24T08:00:00Z', comment: '', generation: 1 },
}

const names = (bindings: BindingView[], filter: Parameters<typeof filterBindings>[1]) =>
  filterBindings(bindings, filter).map(({ name }) => name)

test('what ends first stands first among those that end soon', () => {
  const late = one('late', { term: term('2026-12-02T00:00:00Z') })
  const soon = one('soon', { term: term('2026-12-01T00:00:00Z') })
  const calm = one('calm')
  expect(names([late, calm, soon], { attention: 'expiring' })).toEqual(['soon', 'late'])
})

test('what needs attention is found by its reason, and all of it at once', () => {
  const all = [
    one('a-drifted', { conditions: drifted('True') }),
    one('b-repaired', { conditions: drifted('False') }),
    one('c-failed', { state: 'failed' }),
    one('d-pending', { pending: true }),
    one('e-gone', { state: 'ended', conditions: drifted('True') }),
    one('f-held', { state: 'ending', end: { ...end, attempt: 4 } }),
    one('g-ending', { state: 'ending', end: { ...end, attempt: 3 } }),
    one('h-late', { state: 'ended', end: { ...end, attempt: 4, provenAt: end.at } }),
  ]
  expect(names(all, { attention: 'drifted' })).toEqual(['a-drifted'])
  expect(names(all, { attention: 'heldUp' })).toEqual(['f-held'])
  expect(names(all, { attention: 'any' })).toEqual(['a-drifted', 'c-failed', 'd-pending', 'f-held'])
  expect(names(all, { state: 'ready', attention: 'pending' })).toEqual(['d-pending'])
})

test('a filter offers what occurs, and what it is set to', () => {
  expect(bindingChoices([one('x')], 'namespace', 'gone')).toEqual(['gone', 'research-team-a'])
})

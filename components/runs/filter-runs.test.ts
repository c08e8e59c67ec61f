import { expect, test } from 'vitest'
import type { RunView } from '#server/runs/views/run.ts'
import { choicesOf, filterRuns, periodOf, sinceOf } from './filter-runs.ts'

function run(name: string, more: Partial<RunView>): RunView {
  return {
    id: `serving/${name}`,
    namespace: 'serving',
    name,
    task: 'start',
    state: 'succeeded',
    sealed: false,
    reason: '',
    message: '',
    createdAt: '2026-11-20T10:00:00Z',
    params: [],
    results: [],
    steps: [],
    can: [],
    ...more,
  }
}

const runs = [
  run('old', { createdAt: '2026-11-01T00:00:00Z', startedBy: 'grace' }),
  run('new', { task: 'bind', binding: { namespace: 'team-a', name: 'x' }, state: 'failed' }),
  run('twin', { task: 'bind', binding: { namespace: 'team-b', name: 'x' } }),
  run('fresh', { createdAt: '' }),
]

function names(filter: Parameters<typeof filterRuns>[1], since?: Date): string[] {
  return filterRuns(runs, filter, since).map(({ name }) => name)
}

test('every filter that is set has to let a run through', () => {
  expect(names({})).toEqual(['twin', 'new', 'old', 'fresh'])
  expect(names({ task: 'bind', state: 'failed' })).toEqual(['new'])
  expect(names({ binding: 'team-b/x' })).toEqual(['twin'])
  expect(names({ namespace: 'team-a' })).toEqual(['new'])
  expect(names({ person: 'grace' })).toEqual(['old'])
})

test('a period counts from now, and a run that was only just made is within it', () => {
  const now = new Date('2026-11-21T00:00:00Z')
  expect(names({}, sinceOf(periodOf('24h'), now))).toEqual(['twin', 'new', 'fresh'])
  expect(names({}, sinceOf(periodOf('30d'), now))).toEqual(['twin', 'new', 'old', 'fresh'])
  expect(sinceOf(periodOf('yesterday'), now)).toBeUndefined()
})

test('a filter offers what occurs, and what it is set to', () => {
  expect(choicesOf(runs, 'binding')).toEqual(['team-a/x', 'team-b/x'])
  expect(choicesOf(runs, 'person', 'ada')).toEqual(['ada', 'grace'])
})

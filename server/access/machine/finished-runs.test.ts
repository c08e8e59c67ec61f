import { expect, test } from 'vitest'
import type { End, ModelBinding } from '#server/access/model/model-binding.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { removableRuns } from './finished-runs.ts'

const before = new Date('2026-11-25T00:00:00Z')
const uid = sampleBinding().metadata.uid ?? ''
const granted = `sha256:${'1'.repeat(64)}`
const other = `sha256:${'2'.repeat(64)}`
const at = '2026-11-24T13:00:00Z'

function run(name: string, hour: string, rest: Partial<Record<string, string>> = {}): TaskRun {
  const { intent = 'bind', of = uid, digest = granted, ended = '2026-11-24T12:00:00Z' } = rest
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace: 'serving',
      name,
      uid: name,
      creationTimestamp: `2026-11-24T${hour}:00:00Z`,
      labels: { 'bindery.dev/intent': intent, 'bindery.dev/binding-uid': of },
    },
    spec: { params: [{ name: 'digest', value: digest }] },
    status: ended === 'never' ? {} : { completionTime: ended },
  }
}

function standing(status: ModelBinding['status']): ModelBinding {
  const { strategy, alias, durationDays, quota } = sampleBinding().spec
  const terms = { strategy, alias, durationDays, quota, ring: 'stable' as const }
  const decided = { generation: 1, digest: granted, approvedBy: ['grace'], approvedAt: at }
  return { ...sampleBinding(), status: { granted: { ...terms, ...decided }, ...status } }
}

const end: End = { reason: 'Revoked', by: 'grace', at, comment: '', generation: 1, run: 'unbind' }

const names = (runs: TaskRun[], bindings: ModelBinding[]) =>
  removableRuns(runs, bindings, before)
    .map(({ metadata }) => metadata.name)
    .sort()

const life = [
  run('bind', '08'),
  run('repair-1', '09', { intent: 'repair' }),
  run('repair-2', '10', { intent: 'repair' }),
  run('bind-before', '07', { digest: other }),
  run('by-a-person', '08', { intent: 'start' }),
  run('at-work', '11', { ended: 'never', digest: other }),
  run('lately', '11', { ended: '2026-11-25T00:00:01Z', digest: other }),
]

test('of access in force one run that holds its plan stays, of what is over none', () => {
  expect(names(life, [standing({})])).toEqual(['bind', 'bind-before', 'repair-1'])
  expect(names(life, [standing({ run: 'bind' })])).toEqual(['bind-before', 'repair-1'])
  const ended = [...life, run('unbind', '12', { intent: 'unbind', digest: other })]
  expect(names(ended, [standing({ end: { ...end, provenAt: at } })])).toEqual([
    'bind',
    'bind-before',
    'repair-1',
    'repair-2',
    'unbind',
  ])
})

test('what the status names stays: a sealed request, an end that is not proven, a repair', () => {
  const runs = [...life, run('unbind', '12', { intent: 'unbind', digest: other })]
  expect(names(runs, [standing({ end })])).toEqual(['bind', 'bind-before', 'repair-1'])
  const drift = { since: at, changes: [], repairs: 1, run: 'repair-1' }
  expect(names(life, [standing({ drift })])).toEqual(['bind', 'bind-before'])
  const seal = { run: 'other', digest: other, generation: 2, previewedAt: at, changes: [] }
  expect(names(life, [standing({ seal })])).toEqual(['bind', 'bind-before', 'repair-1'])
})

test('of a binding that is gone all finished runs go, also where its name was given again', () => {
  const expected = ['bind', 'bind-before', 'repair-1', 'repair-2']
  expect(names(life, [])).toEqual(expected)
  const again = { ...standing({}), metadata: { ...sampleBinding().metadata, uid: 'another' } }
  expect(names(life, [again])).toEqual(expected)
})

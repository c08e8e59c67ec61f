import { expect, test } from 'vitest'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import { timelineOf } from '#server/access/views/binding-timeline.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { paramOf } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import type { Simulation } from '#server/testing/access/binding-simulation.ts'
import { askedSimulation, readySimulation } from '#server/testing/access/binding-stories.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { bindRunAtWork } from './sealed-runs.ts'

test('what enough people approved is what runs, whatever changes before it is granted', () => {
  const simulation = askedSimulation()
  const { digest } = simulation.binding!.status!.seal!
  expect(simulation.rights).toEqual(new Set(['controller']))
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'edit-service' })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.digest).toBe(digest)
  expect([...simulation.runs.values()].map((run) => paramOf(run, 'digest'))).toEqual([digest])
})

test('a service that changes makes another plan, which is what is looked at from then on', () => {
  const simulation = askedSimulation()
  const { digest } = simulation.binding!.status!.seal!
  play(simulation, { act: 'edit-service' })
  settle(simulation)
  const sealed = simulation.binding?.status?.seal?.digest
  expect(sealed).not.toBe(digest)
  expect(pendingRuns(simulation).map((run) => paramOf(run, 'digest'))).toEqual([sealed])
})

test('a request stays as old as it is, whatever plan it is sealed with and however often that is looked at', () => {
  const simulation = readySimulation()
  simulation.now = new Date('2026-11-25T08:00:00Z')
  change(simulation, { alias: 'other' })
  settle(simulation)
  const since = '2026-11-25T08:00:00Z'
  expect(simulation.binding?.status?.seal).toMatchObject({ since, previewedAt: since })
  simulation.now = new Date('2026-11-25T10:00:00Z')
  play(simulation, { act: 'edit-service' })
  settle(simulation)
  expect(simulation.binding?.status?.seal).toMatchObject({
    since,
    previewedAt: '2026-11-25T10:00:00Z',
  })
  const told = timelineOf(simulation.binding!)
  expect(told.find(({ what }) => what === 'changed')?.at).toBe(since)
  change(simulation, { alias: 'third' })
  settle(simulation)
  expect(simulation.binding?.status?.seal?.since, 'another wish').toBe('2026-11-25T10:00:00Z')
})

test('another wish is sealed by its own plan from the first', () => {
  const simulation = readySimulation()
  change(simulation, { alias: 'other' })
  const made = play(simulation, { act: 'step' })
  expect(made).toMatchObject({ step: 'create-bind-run', generation: 2, pending: true })
  const plan = JSON.parse(paramOf(pendingRuns(simulation)[0]!, 'plan') ?? '')
  expect(plan).toMatchObject({ binding: { generation: 2 }, grant: { alias: 'other' } })
})

test('a request whose service was away waits for people again once it is back, and says so', () => {
  const simulation = askedSimulation()
  const told = () => conditionOf(simulation.binding?.status?.conditions, 'Ready')?.reason
  play(simulation, { act: 'lose-service' })
  settle(simulation)
  expect(told()).toBe('ModelServiceMissing')
  expect(pendingRuns(simulation)).toEqual([])
  play(simulation, { act: 'restore-service' })
  settle(simulation)
  expect(told()).toBe('AwaitingApproval')
  expect(pendingRuns(simulation)).toHaveLength(1)
})

test('a sealed run that somebody lets go by hand is thrown away, and sealed anew', () => {
  const simulation = askedSimulation()
  const [run] = pendingRuns(simulation)
  const { name } = run!.metadata
  simulation.runs.set(name, { ...run!, spec: { ...run!.spec, status: undefined } })
  expect(play(simulation, { act: 'step' })).toMatchObject({ step: 'discard-run' })
  settle(simulation)
  expect(pendingRuns(simulation).map(({ metadata }) => metadata.name)).toEqual([name])
})

test('a change that is approved comes before a move that is asked for meanwhile', () => {
  const simulation = readySimulation()
  const engines = { ...sampleService().spec.engines, canary: { service: 'c', port: 8000 } }
  simulation.service = sampleService({ engines })
  change(simulation, { durationDays: 90 })
  settle(simulation)
  const sealed = simulation.binding?.status?.seal
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'move', canary: true })
  play(simulation, { act: 'step' })
  expect(simulation.binding?.status?.granted).toMatchObject({
    generation: 2,
    digest: sealed?.digest,
    durationDays: 90,
  })
  settle(simulation)
  expect(simulation.binding?.status?.granted).toMatchObject({ ring: 'canary', durationDays: 90 })
})

test('a name that somebody takes is told while a request waits, and holds a grant back until it is free', () => {
  const simulation = readySimulation()
  change(simulation, { alias: 'other' })
  settle(simulation)
  expect(told(simulation)).toBeUndefined()
  play(simulation, { act: 'take-name', alias: 'other' })
  settle(simulation)
  expect(told(simulation)).toMatchObject({ kind: 'Service', name: 'other' })
  change(simulation, { alias: 'other', durationDays: 90 })
  settle(simulation)
  expect(pendingRuns(simulation), 'what was asked before waits no longer').toHaveLength(1)
  play(simulation, { act: 'free-name', alias: 'other' })
  settle(simulation)
  expect(told(simulation)).toBeUndefined()
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'take-name', alias: 'other' })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.alias).toBe('vibethinker-gateway')
  play(simulation, { act: 'free-name', alias: 'other' })
  settle(simulation)
  expect(simulation.aliases, 'approved once is enough').toEqual(new Set(['other']))
})

test('at work is a bind run from its release to its end, and nothing else', () => {
  const simulation = askedSimulation()
  const [sealed] = pendingRuns(simulation)
  const started = (status: 'Unknown' | 'True' | 'False', startTime?: string): TaskRun => {
    const told = { type: 'Succeeded', status, reason: 'X', message: '', lastTransitionTime: '' }
    const spec = { ...sealed!.spec, status: undefined }
    return { ...sealed!, spec, status: { startTime, conditions: [told] } }
  }
  const found = (run: TaskRun) => bindRunAtWork({ runs: new Map([[run.metadata.name, run]]) })
  const released = { ...sealed!, spec: { ...sealed!.spec, status: undefined } }
  const running = started('Unknown', '2026-11-24T08:00:00Z')
  for (const run of [released, started('Unknown'), running]) expect(found(run)).toBe(run)
  for (const run of [sealed!, started('True'), started('False')]) expect(found(run)).toBeUndefined()
  const unbind = { ...running, spec: { ...running.spec, taskRef: { name: 'unbind-namespace' } } }
  expect(found(unbind)).toBeUndefined()
})

function change(simulation: Simulation, spec: Partial<ModelBinding['spec']>): void {
  if (simulation.binding) edit(simulation, simulation.binding, spec)
}

function told({ binding }: Simulation): PlannedChange | undefined {
  return binding?.status?.seal?.changes.find((one) => one.change === 'conflict')
}

function pendingRuns({ runs }: Simulation): TaskRun[] {
  return [...runs.values()].filter((run) => run.spec.status === 'TaskRunPending')
}

import { expect, test } from 'vitest'
import { paramOf } from '#server/domain/runs/run-result.ts'
import type { TaskRun } from '#server/domain/runs/task-run.ts'
import { sampleService } from '#server/domain/sample-objects.ts'
import { edit, play } from './binding-acts.ts'
import type { Simulation } from './binding-simulation.ts'
import type { ModelBinding, PlannedChange } from './model-binding.ts'
import { settle } from './settle-simulation.ts'
import { askedSimulation, readySimulation } from './stories-for-tests.ts'

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

function change(simulation: Simulation, spec: Partial<ModelBinding['spec']>): void {
  if (simulation.binding) edit(simulation, simulation.binding, spec)
}

function told({ binding }: Simulation): PlannedChange | undefined {
  return binding?.status?.seal?.changes.find((one) => one.change === 'conflict')
}

function pendingRuns({ runs }: Simulation): TaskRun[] {
  return [...runs.values()].filter((run) => run.spec.status === 'TaskRunPending')
}

import { expect, test } from 'vitest'
import { bindingState } from '#server/access/views/binding-view.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { play } from '#server/testing/access/binding-acts.ts'
import { finishRun, type Simulation, worldOf } from '#server/testing/access/binding-simulation.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
} from '#server/testing/access/binding-stories.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { planNextStep } from './plan-next-step.ts'
import { runStartMaxMs } from './run-start.ts'

const stepOf = (simulation: Simulation) => planNextStep(worldOf(simulation)!)
const conditionIn = (simulation: Simulation, type: string) =>
  conditionOf(bindingIn(simulation).status?.conditions, type)

function later(simulation: Simulation, ms: number): void {
  simulation.now = new Date(simulation.now.getTime() + ms)
}

test('a run that Tekton does not start is told of after a while, once, and so is its start', () => {
  const simulation = askedSimulation()
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'steps' })
  const [run] = [...simulation.runs.keys()]
  const waits = stepOf(simulation)
  expect(waits).toMatchObject({ step: 'wait', until: expect.any(Date) })
  later(simulation, runStartMaxMs)
  expect(stepOf(simulation)).toEqual({ step: 'record-run-unseen', run })
  play(simulation, { act: 'steps' })
  expect(conditionIn(simulation, 'RunStarted')).toMatchObject({
    status: 'False',
    reason: 'TektonNotResponding',
    message: expect.stringContaining(run ?? ''),
  })
  later(simulation, 10 * runStartMaxMs)
  expect(stepOf(simulation)).toMatchObject({ step: 'wait' })
  finishRun(simulation, run ?? '', true)
  settle(simulation)
  expect(conditionIn(simulation, 'RunStarted')?.status).toBe('True')
  expect(conditionIn(simulation, 'Ready')?.status).toBe('True')
})

test('a sealed run waits for people, and nobody is told of Tekton', () => {
  const simulation = askedSimulation()
  later(simulation, 100 * runStartMaxMs)
  play(simulation, { act: 'steps' })
  expect(conditionIn(simulation, 'RunStarted')).toBeUndefined()
})

test('nothing is ready in a namespace that is being deleted', () => {
  const simulation = readySimulation()
  // The namespace is on its way out; the cluster has not come to the binding yet.
  simulation.namespace = 'terminating'
  play(simulation, { act: 'step' })
  expect(conditionIn(simulation, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'NamespaceTerminating',
  })
  expect(bindingState(bindingIn(simulation), simulation.now)).toBe('ending')
  expect(stepOf(simulation)).toMatchObject({ step: 'wait' })
})

import { expect, test } from 'vitest'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { autoApprover, unknownRequester } from '#server/platform/model/names.ts'
import { paramOf } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import { finishRun, type Simulation, worldOf } from '#server/testing/access/binding-simulation.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { planNextStep } from './plan-next-step.ts'

const { limits, engines } = sampleService().spec
const canary = { ...engines, canary: { service: 'c', port: 8000 } }

/** Granted, and its run let go. */
function running(): { simulation: Simulation; run: TaskRun } {
  const simulation = askedSimulation()
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'steps' })
  const [run] = [...simulation.runs.values()]
  return { simulation, run: run! }
}

/** A plan that is whole, of another wish. */
function planOf(wish: Partial<ModelBinding['spec']>): { plan: string; digest: string } {
  const plan = renderPlan(sampleBinding(wish), sampleService(), 'cluster.local')
  const { text, digest } = sealText(plan)
  return { plan: text, digest }
}

const stepOf = (simulation: Simulation) => planNextStep(worldOf(simulation)!)

test('a run that is not of the approved plan, or not whole, is thrown away and made from it again', () => {
  const none = `sha256:${'0'.repeat(64)}`
  const other = planOf({ durationDays: 90 })
  const all = { digest: { digest: none }, plan: { plan: none }, other }
  for (const [name, values] of Object.entries<Record<string, string>>(all)) {
    const { simulation, run } = running()
    const params = run.spec.params?.map((one) => ({
      ...one,
      value: values[one.name] ?? one.value,
    }))
    simulation.runs.set(run.metadata.name, { ...run, spec: { ...run.spec, params } })
    expect(stepOf(simulation), name).toMatchObject({ step: 'discard-run' })
    settle(simulation)
    expect(paramOf([...simulation.runs.values()][0]!, 'digest')).toBe(
      bindingIn(simulation).status?.granted?.digest,
    )
  }
})

test('a run that ends well without a receipt that can be read has proven nothing', () => {
  const { simulation, run } = running()
  finishRun(simulation, run.metadata.name, true)
  const ended = simulation.runs.get(run.metadata.name)!
  const results = [{ name: 'receipt', value: '{"at":"never"}' }]
  simulation.runs.set(run.metadata.name, { ...ended, status: { ...ended.status, results } })
  expect(stepOf(simulation)).toMatchObject({ step: 'record-failure', reason: 'ReceiptMissing' })
})

test('who took less is who signed it, or nobody that is known', () => {
  const simulation = readySimulation()
  const { metadata } = bindingIn(simulation)
  edit(simulation, bindingIn(simulation), { durationDays: 20 })
  expect(stepOf(simulation)).toEqual({ step: 'record-reduction', by: 'ada' })
  const { generation } = bindingIn(simulation).metadata
  const unsigned = { ...metadata, generation, annotations: {} }
  simulation.binding = { ...bindingIn(simulation), metadata: unsigned }
  expect(stepOf(simulation)).toEqual({ step: 'record-reduction', by: unknownRequester })
})

test('a move to where it is, or of a plan that is lost, is void; its sealed run is its own plan', () => {
  const move = { ring: 'canary' as const, by: 'grace', at: '', comment: '' }
  const simulation = readySimulation({ engines: canary })
  const ready = bindingIn(simulation)
  simulation.binding = withStatus(ready, { move: { ...move, ring: 'stable' } })
  expect(stepOf(simulation)).toEqual({ step: 'record-move-void' })

  simulation.binding = withStatus(ready, { move })
  play(simulation, { act: 'step' })
  const sealed = [...simulation.runs.values()].at(-1)!
  expect(sealed.spec.status).toBe('TaskRunPending')
  const released = { ...sealed, spec: { ...sealed.spec, status: undefined } }
  simulation.runs.set(sealed.metadata.name, released)
  expect(stepOf(simulation), 'let go by hand').toMatchObject({ step: 'discard-run' })

  // Another wish is no plan of this grant.
  edit(simulation, bindingIn(simulation), { alias: 'other' })
  simulation.runs.clear()
  expect(stepOf(simulation)).toEqual({ step: 'record-move-void' })
})

test('a move keeps what was taken less since the plan was approved', () => {
  const simulation = readySimulation({ engines: canary })
  edit(simulation, bindingIn(simulation), { durationDays: 20 })
  settle(simulation)
  play(simulation, { act: 'move', canary: true })
  play(simulation, { act: 'step' })
  const plan = JSON.parse(paramOf([...simulation.runs.values()].at(-1)!, 'plan') ?? '')
  expect(plan).toMatchObject({
    binding: { generation: 2 },
    grant: { ring: 'canary', durationDays: 20 },
  })
})

test('a service approves by itself what is short and small enough, and what nobody has in hand', () => {
  const { quota } = bindingIn(askedSimulation()).spec
  const auto = { maxDurationDays: 30, maxQuota: quota }
  const passes = (rule: Partial<typeof auto>) => {
    const approval = { required: 1, allowSelfApproval: false, auto: { ...auto, ...rule } }
    const { status } = bindingIn(askedSimulation({ approval }))
    return status?.granted?.approvedBy.join() ?? 'waits'
  }
  expect(passes({})).toBe('bindery:auto')
  expect(passes({ maxDurationDays: 29 })).toBe('waits')
  for (const field of ['requestsPerMinute', 'tokensPerDay', 'concurrency'] as const) {
    expect(passes({ maxQuota: { ...quota, [field]: quota[field] - 1 } })).toBe('waits')
  }
  const taken = askedSimulation()
  play(taken, { act: 'offer', days: 7, canary: false })
  const approval = { required: 2, allowSelfApproval: false, auto }
  taken.service = sampleService({ approval: { ...approval, required: 1 } })
  settle(taken)
  expect(bindingIn(taken).status?.granted, 'an approver has offered something').toBeUndefined()
  const old = askedSimulation()
  play(old, { act: 'offer', days: 7, canary: false })
  edit(old, bindingIn(old), { durationDays: 29 })
  old.service = taken.service
  settle(old)
  expect(bindingIn(old).status?.granted?.approvedBy, 'of another wish').toEqual([autoApprover])
  const half = askedSimulation({ approval: { required: 2, allowSelfApproval: false } })
  play(half, { act: 'approve' })
  half.service = sampleService({ approval })
  settle(half)
  expect(bindingIn(half).status?.granted, 'or has approved it').toBeUndefined()
})

test('nothing above the limits of its service is sealed, in days or in any part of the quota', () => {
  const { maxQuota } = limits
  for (const field of ['requestsPerMinute', 'tokensPerDay', 'concurrency'] as const) {
    const less = { ...maxQuota, [field]: bindingIn(askedSimulation()).spec.quota[field] - 1 }
    const simulation = askedSimulation({ limits: { ...limits, maxQuota: less } })
    expect(simulation.runs.size, field).toBe(0)
  }
})

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { StepView } from '#server/runs/views/run.ts'
import { runView } from '#server/runs/views/run-view.ts'
import { explainFailure, type FailureFacts, mayExplain } from './failure-rules.ts'
import type { TaskRun } from './task-run.ts'

const folder = '../shared/kube-recordings'

type Exchange = {
  note?: string
  request: { method: string; path: string }
  response: { body?: unknown }
}

/** The last TaskRun of that name in a recording of a real cluster, and the events about it. */
function recorded(file: string, name: string): FailureFacts {
  const { exchanges }: { exchanges: Exchange[] } = JSON.parse(
    readFileSync(`${folder}/${file}`, 'utf8'),
  )
  const run = exchanges.findLast(({ note }) => note === `${name}: at the end`)?.response.body
  const events = exchanges.find(({ note }) => note === `${name}: events`)?.response.body as {
    items: { reason: string; message: string }[]
  }
  return {
    run: runView(run as TaskRun),
    lines: [],
    events: events.items.map(({ reason, message }) => ({ reason, message: message ?? '' })),
  }
}

describe.runIf(existsSync(folder))('recordings of a real cluster', () => {
  test.each([
    ['11-taskrun-failed-step.json', 'fail', 'exit', { step: 'boom', code: '3' }],
    ['13-taskrun-timeout.json', 'slow', 'timeout', { limit: '4s' }],
    ['18-taskrun-image-missing.json', 'badimage', 'image', { image: 'localhost/missing:1' }],
    ['19-taskrun-refused.json', 'noref', 'noTask', { task: 'no-such-task' }],
    ['19-taskrun-refused.json', 'noparam', 'params', { task: 'noparam' }],
    ['19-taskrun-refused.json', 'wrongtype', 'params', { task: 'wrongtype' }],
    ['19-taskrun-refused.json', 'nows', 'workspace', { workspace: 'data' }],
    ['19-taskrun-refused.json', 'badsa', 'account', { account: 'nobody' }],
  ])('%s, %s: %s', (file, name, rule, values) => {
    expect(explainFailure(recorded(file, name))).toMatchObject({ rule, values })
  })

  test('a cancelled run has not failed', () => {
    expect(explainFailure(recorded('15-taskrun-cancelled.json', 'cancelled'))).toBeUndefined()
  })

  test('every refusal for a missing right names the verb, the resource and where', () => {
    const { exchanges }: { exchanges: Exchange[] } = JSON.parse(
      readFileSync(`${folder}/06-authorization.json`, 'utf8'),
    )
    const said = exchanges
      .map(({ response }) => response.body as { kind?: string; message?: string } | undefined)
      .flatMap((body) => (body?.kind === 'Status' ? [body.message ?? ''] : []))
      .filter((message) => message.includes('is forbidden'))
    expect(said.length).toBeGreaterThan(3)
    for (const message of said) {
      expect(mayExplain(message)).toBe(true)
      const failure = explainFailure(failed(message))
      expect(failure).toMatchObject({ rule: 'forbidden', turn: 'admin', row: 2 })
      expect(message).toContain(`cannot ${failure?.values.verb} resource`)
      expect(message).toContain(`"${failure?.values.resource}"`)
      const where = failure?.values.namespace
      expect(message).toContain(where ? `in the namespace "${where}"` : 'at the cluster scope')
    }
  })
})

const step: StepView = {
  name: 'work',
  container: 'step-work',
  state: 'failed',
  exitCode: 1,
  reason: 'Error',
}

/** A run whose only step failed with exit code 1 and said this in its log. */
function failed(text: string, more: Partial<StepView> = {}): FailureFacts {
  const steps = [{ ...step, ...more }]
  const message = '"step-work" exited with code 1: Error'
  return {
    run: { state: 'failed', reason: 'StepFailed', message, steps, failedStep: 'work' },
    lines: [
      { row: 1, text: 'beginning' },
      { row: 2, text },
      { row: 3, text: 'end' },
    ],
  }
}

test.each([
  ['Error: no signatures found', 'cosign', {}],
  ['error: no matching signatures: invalid signature when validating ASN.1', 'cosign', {}],
  ['✗ The plan is not the one that was approved: its digest differs.', 'digest', {}],
  [
    '✗ Namespace team-a already has a Service gateway that does not belong to this binding. Choose another alias, or remove it.',
    'foreign',
    { namespace: 'team-a', kind: 'Service', object: 'gateway' },
  ],
  ['✗ Nobody has approved this plan, or its access has ended.', 'notApproved', {}],
  [
    'Error from server (Forbidden): pods "x" is forbidden: exceeded quota: compute, requested: limits.cpu=4, used: limits.cpu=2, limited: limits.cpu=4',
    'quota',
    { quota: 'compute', requested: 'limits.cpu=4', used: 'limits.cpu=2', limited: 'limits.cpu=4' },
  ],
  [
    'admission webhook "policy.example.com" denied the request: images come from our registry',
    'admission',
    { webhook: 'policy.example.com', why: 'images come from our registry' },
  ],
  ['getaddrinfo ENOTFOUND registry.example.com', 'dns', { host: 'registry.example.com' }],
  ['dial tcp: lookup reg.example on 10.0.0.10:53: no such host', 'dns', { host: 'reg.example' }],
  ['curl: (6) Could not resolve host: example.com', 'dns', { host: 'example.com' }],
  ["wget: bad address 'example.com'", 'dns', { host: 'example.com' }],
  ['connect ECONNREFUSED 10.1.2.3:8080', 'unreachable', { address: '10.1.2.3:8080' }],
  ['torch.OutOfMemoryError: CUDA out of memory.', 'memory', { step: 'work' }],
  ['✗ Gave up after 290 seconds: not ready', 'stepTimeout', { limit: '290' }],
  ['something else', 'exit', { step: 'work', code: '1' }],
])('"%s" is read as %s', (text, rule, values) => {
  const failure = explainFailure(failed(text))
  expect(failure).toMatchObject({ rule, values })
  expect(failure?.row).toBe(rule === 'exit' ? undefined : 2)
  // In a log of any length the line is among those that are looked at.
  expect(mayExplain(text)).toBe(rule !== 'exit')
})

test.each([
  [{ reason: 'OOMKilled' }, 'memory', {}],
  [{ exitCode: 137 }, 'memory', {}],
  [{ reason: 'TimeoutExceeded' }, 'stepTimeout', {}],
  [{ exitCode: 127 }, 'noCommand', { code: '127' }],
  [{ exitCode: 126 }, 'noCommand', { code: '126' }],
  [{ exitCode: 3 }, 'exit', { code: '3' }],
])('a step that ended with %o is read as %s', (more, rule, values) => {
  const failure = explainFailure(failed('', more))
  expect(failure).toMatchObject({ rule, values: { step: 'work', ...values } })
})

test.each([
  ['TaskRunImagePullFailed', '', 'image'],
  ['PullImageFailed', '', 'image'],
  ['Failed', 'the step is in ErrImagePull', 'image'],
  ['StepTimeout', '', 'stepTimeout'],
])('a run that ended as %s, "%s", is read as %s', (reason, message, rule) => {
  const { run, lines } = failed('')
  expect(explainFailure({ run: { ...run, reason, message }, lines })).toMatchObject({ rule })
  // What has not failed has nothing to explain.
  for (const state of ['succeeded', 'cancelled', 'running'] as const) {
    expect(explainFailure({ run: { ...run, state, reason, message }, lines })).toBeUndefined()
  }
})

test('what the scheduler says of the pod explains a run that never started', () => {
  const run = {
    state: 'timed-out' as const,
    reason: 'TaskRunTimeout',
    message: 'TaskRun "x" failed to finish within "5m"',
    steps: [],
  }
  const because = (message: string) =>
    explainFailure({ run, lines: [], events: [{ reason: 'FailedScheduling', message }] })
  expect(
    because('0/2 nodes are available: 2 Insufficient nvidia.com/gpu. preemption: none'),
  ).toEqual({
    rule: 'gpu',
    turn: 'cluster',
    values: { nodes: '2', resource: 'nvidia.com/gpu' },
  })
  expect(because('0/3 nodes are available: 3 Insufficient memory.')).toMatchObject({
    rule: 'unschedulable',
    values: { nodes: '3', why: '3 Insufficient memory.' },
  })
})

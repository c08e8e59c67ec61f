import { expect, test } from 'vitest'
import { explainStart } from './failure-rules.ts'

const run = { state: 'running' as const, reason: '', message: '', steps: [] }
const event = (reason: string, message: string, warning = true) => ({ reason, message, warning })

test.each([
  [
    'FailedMount',
    'MountVolume.SetUp failed for volume "ws-abc" : configmap "settings" not found',
    { rule: 'missingObject', turn: 'admin', values: { kind: 'configmap', object: 'settings' } },
  ],
  ['Failed', 'Error: secret "token" not found', { rule: 'missingObject', turn: 'admin' }],
  [
    'FailedScheduling',
    '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: none.',
    { rule: 'gpu', turn: 'cluster' },
  ],
  [
    'FailedScheduling',
    '0/3 nodes are available: 3 node(s) had untolerated taint',
    { rule: 'unschedulable', turn: 'cluster' },
  ],
  ['Failed', 'Failed to pull image "x.example/y:1": not found', { rule: 'image', turn: 'starter' }],
])('%s: %s', (reason, message, failure) => {
  const normal = event('Scheduled', 'Successfully assigned', false)
  const explained = explainStart(run, [normal, event(reason, message)])
  expect(explained).toMatchObject({ event: { message }, failure })
})

test('a warning that no rule knows is told as it is; without one there is nothing to tell', () => {
  const odd = event('FailedOdd', 'something new')
  expect(explainStart(run, [odd])).toEqual({ event: odd })
  expect(explainStart(run, [event('Pulled', 'fine', false)])).toBeUndefined()
})

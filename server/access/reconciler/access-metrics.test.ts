import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { accessMetrics } from './access-metrics.ts'

test('the leader measures all bindings at each scrape; who does not lead measures nothing', async () => {
  const registry = new Registry()
  const metrics = accessMetrics(registry)
  expect(await registry.metrics()).not.toMatch(/^bindery_bindings\{/m)

  const request = sampleBinding()
  request.metadata.creationTimestamp = '2026-12-01T00:00:00Z'
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'one' },
    spec: { taskRef: { name: 'bind-namespace' }, status: 'TaskRunPending' },
  }
  const failingSinceMs = new Map([['binding/team/one', performance.now() - 700_000]])
  metrics.watches({
    bindings: () => [request],
    runs: () => [run, run],
    now: () => new Date('2026-12-01T01:00:00Z'),
    failingSinceMs,
  })
  const text = await registry.metrics()
  expect(text).toMatch(/^bindery_bindings\{state="preparing"\} 1$/m)
  expect(text).toMatch(/^bindery_oldest_pending_request_seconds 3600$/m)
  expect(text).toMatch(/^bindery_bindings_drifted 0$/m)
  expect(text).toMatch(/^bindery_controller_failing_seconds\{what="binding"\} 700/m)
  expect(text).toMatch(/^bindery_controller_failing_seconds\{what="sweep"\} 0$/m)

  expect(text).toMatch(/^bindery_runs\{task="bind-namespace",state="pending"\} 2$/m)

  failingSinceMs.clear()
  expect(await registry.metrics()).toMatch(/failing_seconds\{what="binding"\} 0$/m)
  metrics.watches(undefined)
  expect(await registry.metrics()).not.toMatch(/^bindery_bindings\{/m)
})

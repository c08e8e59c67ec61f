import { expect, test } from 'vitest'
import type { ModelBinding, ModelBindingStatus } from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import type { Quota } from '#server/access/model/quota.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { labels } from '#server/platform/model/names.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { heldQuota } from './held-quota.ts'

const now = new Date('2026-11-26T10:00:00Z')
const limit: Quota = { requestsPerMinute: 60, tokensPerDay: 1000, concurrency: 4 }

function bindingOf(uid: string, status?: Partial<ModelBindingStatus>, quota = limit): ModelBinding {
  const sample = sampleBinding({ alias: uid, quota })
  const metadata = { ...sample.metadata, name: uid, uid, generation: 1 }
  return { ...sample, metadata, status: status as ModelBindingStatus }
}

function granted(quota: Quota): Partial<ModelBindingStatus> {
  const { strategy, alias, durationDays } = sampleBinding().spec
  const by = { approvedBy: ['grace'], approvedAt: '2026-11-25T10:00:00Z', digest: 'x' }
  return { granted: { generation: 1, strategy, alias, durationDays, quota, ring: 'stable', ...by } }
}

function runOf(binding: ModelBinding, startTime?: string): TaskRun {
  const { text, digest } = sealText(renderPlan(binding, sampleService(), 'cluster.local'))
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name: 'bind', labels: { [labels.bindingUid]: binding.metadata.uid ?? '' } },
    spec: {
      params: [
        { name: 'plan', value: text },
        { name: 'digest', value: digest },
      ],
    },
    status: startTime ? { startTime } : undefined,
  }
}

test('what stands, what is approved, and what was held today all count; the request itself does not', () => {
  const own = bindingOf('own')
  const held = (others: ModelBinding[], runs: TaskRun[] = []) => heldQuota(own, others, runs, now)
  const none = { requestsPerMinute: 0, tokensPerDay: 0, concurrency: 0 }
  expect(held([own])).toEqual(none)
  expect(held([own, bindingOf('waits')])).toEqual(none)
  expect(held([bindingOf('a', granted(limit)), bindingOf('b', granted(limit))])).toEqual({
    requestsPerMinute: 120,
    tokensPerDay: 2000,
    concurrency: 8,
  })
  const approve = { decision: 'approve' as const, generation: 1, by: 'bindery:auto', at: 'x' }
  const decisions = [{ ...approve, comment: '', digest: 'x' }]
  expect(held([bindingOf('approved', { decisions })])).toEqual(limit)

  const ended = { reason: 'Released' as const, by: 'ada', comment: '', generation: 1 }
  const end = { ...ended, at: '2026-11-26T09:00:00Z', provenAt: '2026-11-26T09:01:00Z' }
  const history = (until: string) => [
    { ...granted(limit).granted!, until, why: 'Released' as const },
  ]
  const over = (until: string) =>
    bindingOf('over', { ...granted(limit), end, history: history(until) })
  expect(held([over('2026-11-26T09:00:00Z')])).toEqual({ ...none, tokensPerDay: 1000 })
  expect(held([over('2026-11-25T23:59:59Z')])).toEqual(none)

  // Deleted, and so known by its runs alone; a run that was never released has granted nothing.
  const gone = bindingOf('gone')
  expect(held([], [runOf(gone, '2026-11-26T08:00:00Z')])).toEqual({ ...none, tokensPerDay: 1000 })
  expect(held([], [runOf(gone, '2026-11-25T08:00:00Z')])).toEqual(none)
  expect(held([], [runOf(gone)])).toEqual(none)
})

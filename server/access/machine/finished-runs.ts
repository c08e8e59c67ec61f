import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { labels } from '#server/platform/model/names.ts'
import { paramOf } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'

/** All that bindings are made true by, repaired and ended. */
const intents = ['bind', 'repair', 'unbind']

/**
 * The runs of bindings that ended before `before` and that nothing rests on any more. What a living binding names stays,
 * and so does the last run that holds its approved plan: drift is compared with that. Pure.
 */
export function removableRuns(
  runs: readonly TaskRun[],
  bindings: readonly ModelBinding[],
  before: Date,
): TaskRun[] {
  const byUid = new Map(bindings.map((binding) => [binding.metadata.uid, binding]))
  const held = new Set<string>()
  // The newest run of a plan holds it for all.
  const newestFirst = [...runs].sort((a, b) => createdMs(b) - createdMs(a))
  return newestFirst.filter((run) => {
    const { labels: own = {}, uid } = run.metadata
    if (!uid || !intents.includes(own[labels.intent] ?? '')) return false
    const binding = byUid.get(own[labels.bindingUid])
    const isHolder = binding && holdsPlan(run, binding, held)
    const endedAt = Date.parse(run.status?.completionTime ?? '')
    // One that never ended is no time at all.
    if (!(endedAt < before.getTime())) return false
    return !binding || (!isHolder && !isNamed(run, binding))
  })
}

function holdsPlan(run: TaskRun, binding: ModelBinding, held: Set<string>): boolean {
  const { granted, end, seal } = binding.status ?? {}
  const digest = paramOf(run, 'digest')
  const wanted = [end?.provenAt ? undefined : granted?.digest, seal?.digest]
  const key = `${binding.metadata.uid}/${digest}`
  if (!digest || !wanted.includes(digest) || held.has(key)) return false
  held.add(key)
  return true
}

function isNamed({ metadata: { name } }: TaskRun, { status }: ModelBinding): boolean {
  const ending = status?.end?.provenAt ? undefined : status?.end?.run
  return [status?.run, status?.seal?.run, status?.drift?.run, ending].includes(name)
}

function createdMs({ metadata }: TaskRun): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

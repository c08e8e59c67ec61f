import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import type { TimelineEntry } from './binding.ts'

const whatOf = {
  approve: 'approved',
  deny: 'denied',
  reduce: 'reduced',
  move: 'moved',
} as const

/** What happened, oldest first, as far as the object itself knows. */
export function timelineOf(binding: ModelBinding): TimelineEntry[] {
  const { metadata, status = {} } = binding
  const { seal, decisions = [], granted, end, conditions, receipt, run } = status
  // Whoever changes a request is the one who asks from then on, with the reason that stands in it.
  const by = metadata.annotations?.[annotations.requestedBy]
  const comment = binding.spec.justification
  const changed = seal !== undefined && seal.generation > 1
  const entries: TimelineEntry[] = [
    {
      at: metadata.creationTimestamp ?? '',
      what: 'requested',
      by,
      comment: !changed ? comment : granted?.generation === 1 ? granted.justification : undefined,
    },
  ]
  if (changed) entries.push({ at: seal.since ?? seal.previewedAt, what: 'changed', by, comment })
  if (seal) {
    entries.push({ at: seal.previewedAt, what: 'sealed', run: seal.run, digest: seal.digest })
  }
  for (const one of decisions) {
    const { at, by, comment, digest } = one
    entries.push({ at, what: whatOf[one.decision], by, comment, digest })
  }
  const { terms } = status
  if (terms) entries.push({ at: terms.at, what: 'adjusted', by: terms.by, comment: terms.comment })
  const provisioned = conditionOf(conditions, 'Provisioned')
  if (granted) {
    // The seal may be that of a later wish, and the last run that of the end.
    const last = end ? receipt?.run : run
    const its = seal?.generation === granted.generation ? seal.run : last
    entries.push({ at: granted.approvedAt, what: 'run-started', run: its })
  }
  if (granted && provisioned?.status === 'False' && !end) {
    const { lastTransitionTime: at, message: comment } = provisioned
    entries.push({ at, what: 'run-failed', run, comment })
  }
  if (receipt) entries.push({ at: receipt.at, what: 'usable', run: receipt.run })
  if (end) {
    entries.push({ at: end.at, what: 'end-asked', by: end.by, comment: end.comment, run: end.run })
    if (end.provenAt) entries.push({ at: end.provenAt, what: 'ended', run: end.run })
  }
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

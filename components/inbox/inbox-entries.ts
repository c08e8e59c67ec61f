import type { BindingView } from '#server/access/views/binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'

export type InboxEntry = {
  /** The same for the same thing, so that what was seen stays seen. */
  key: string
  what: 'waiting' | 'approved' | 'denied' | 'expiring' | 'grace' | 'expired' | 'drifted' | 'failed'
  at: string
  namespace: string
  name: string
  /** Who decided or asked. */
  who?: string
  expiresAt?: string
}

const recentMs = 7 * 86_400_000

/** What the live list of bindings gives this person reason to look at, newest first. */
export function inboxEntries(
  bindings: readonly BindingView[],
  user: string,
  now: Date,
): InboxEntry[] {
  const recent = (at: string) => now.getTime() - Date.parse(at) < recentMs
  const entries = bindings.flatMap((binding) => {
    const { uid, namespace, name, seal, term, end, drift, conditions, decisions } = binding
    const own = { namespace, name }
    const found: InboxEntry[] = []
    const add = (
      id: string,
      what: InboxEntry['what'],
      at: string,
      rest: Partial<InboxEntry> = {},
    ) => found.push({ key: `${uid}/${id}`, what, at, ...own, ...rest })
    if (seal && binding.can.includes('decide')) {
      const id = `waiting/${seal.generation}`
      add(id, 'waiting', seal.since ?? seal.previewedAt, { who: binding.requestedBy })
    }
    for (const { decision, by: who, at } of decisions) {
      if (binding.requestedBy !== user || who === user || !recent(at)) continue
      if (decision === 'approve') add(`decided/${at}/${who}`, 'approved', at, { who })
      if (decision === 'deny') add(`decided/${at}/${who}`, 'denied', at, { who })
    }
    if (term?.warning && !end) {
      const { expiresAt, warning, warnings } = term
      const due = warnings.find(({ leftPercent }) => leftPercent === warning)
      const what = warning === 'grace' ? 'grace' : 'expiring'
      add(`${what}/${expiresAt}/${warning}`, what, due?.at ?? expiresAt, { expiresAt })
    }
    if (end?.reason === 'Expired' && recent(end.at)) add(`expired/${end.at}`, 'expired', end.at)
    if (drift && conditionOf(conditions, 'Drifted')?.status === 'True') {
      add(`drifted/${drift.since}`, 'drifted', drift.since)
    }
    const failed = conditionOf(conditions, 'Provisioned')
    if (binding.state === 'failed' && failed) {
      add(`failed/${failed.lastTransitionTime}`, 'failed', failed.lastTransitionTime)
    }
    return found
  })
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

import type { RunEventView } from './run-detail-view.ts'

/** What a pod goes through within one second, in the order in which kubelet and scheduler do it. */
const lifecycle = [
  ...['Pending', 'Scheduled', 'SuccessfulAttachVolume', 'Pulling', 'Pulled', 'Created', 'Started'],
  ...['Running', 'Killing', 'Succeeded', 'Failed'],
]

/**
 * Events as they are read: what was said again is one with its count and its last time; the oldest first, and within a
 * second, which is all that a kubelet's clock says, in the order of a pod's life.
 */
export function orderedEvents(events: readonly RunEventView[]): RunEventView[] {
  const merged = new Map<string, RunEventView>()
  for (const event of events) {
    const key = JSON.stringify([event.about, event.pod, event.warning, event.reason, event.message])
    const known = merged.get(key)
    const at = [known?.at ?? '', event.at ?? ''].sort().at(-1)
    merged.set(key, { ...event, at: at || undefined, count: (known?.count ?? 0) + event.count })
  }
  return [...merged.values()].sort(
    (a, b) => secondOf(a) - secondOf(b) || rankOf(a) - rankOf(b) || compareTexts(a.at, b.at),
  )
}

function secondOf({ at }: RunEventView): number {
  return at === undefined ? 0 : Math.floor(Date.parse(at) / 1000)
}

function rankOf({ reason }: RunEventView): number {
  const rank = lifecycle.indexOf(reason)
  return rank < 0 ? lifecycle.indexOf('Pulled') + 0.5 : rank
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}

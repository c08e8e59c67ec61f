import type { Drift, PlannedChange } from '#server/access/model/model-binding.ts'
import type { DriftSnapshot } from './drift-step.ts'
import { pastOf, recentRepairs, repairBackoffMs } from './repair-backoff.ts'

export type DriftReason =
  | 'Drifted'
  | 'Reported'
  | 'Foreign'
  | 'PlanLost'
  | 'Contested'
  /** The cluster does not let it be compared: the condition is Unknown. */
  | 'NotCompared'

const contestedFrom = 2

/** What cannot be put back carries no label to watch it by, or is not ours to write. */
export function isActionable({ change }: PlannedChange): boolean {
  return change !== 'conflict' && change !== 'unknown'
}

/** A policy that was edited may let in more than was approved. */
export function widensAccess({ kind, change }: PlannedChange): boolean {
  return kind === 'NetworkPolicy' && change === 'update'
}

export function findingOf(
  { service, changes, plan, now }: DriftSnapshot,
  drift: Drift | undefined,
): { reason: DriftReason; message: string } {
  const what = changes.map(describe).join('; ').slice(0, 2000)
  if (service.spec.drift === 'Report') {
    return { reason: 'Reported', message: `${what}. The model service asks to leave it so.` }
  }
  if (changes.every(({ change }) => change === 'unknown'))
    return { reason: 'NotCompared', message: what }
  if (!changes.some(isActionable)) return { reason: 'Foreign', message: what }
  if (!plan && changes.every(({ kind }) => kind !== 'RoleBinding')) {
    const text = 'It cannot be put back: the approved plan is gone. Change the request to ask anew.'
    return { reason: 'PlanLost', message: `${what}. ${text}` }
  }
  const contested = contestedOf(changes, drift, now)
  if (contested) return { reason: 'Contested', message: `${what}. ${contested}` }
  return { reason: 'Drifted', message: `${what}. It is put back.` }
}

/** Said of the drift and not of the clock, so that it is written once. */
function contestedOf(
  changes: PlannedChange[],
  drift: Drift | undefined,
  now: Date,
): string | undefined {
  const texts = changes.filter(isActionable).flatMap((one) => {
    const past = pastOf(drift, one)
    const repairs = recentRepairs(past, now)
    if (!past || repairs < contestedFrom) return []
    const text = `${one.kind} ${one.name} was put back ${repairs} times and changed again`
    if (widensAccess(one)) return `${text}: it is put back at once each time.`
    const seconds = repairBackoffMs(repairs) / 1000
    return `${text}: the next time is ${seconds} s after ${past.repairedAt}.`
  })
  return texts.length > 0 ? texts.join(' ') : undefined
}

function describe({ kind, namespace, name, change, fields, message }: PlannedChange): string {
  const object = `${kind} ${namespace}/${name}`
  if (change === 'conflict' || change === 'unknown')
    return message ?? `${object} belongs to somebody else`
  if (change === 'delete') {
    const [addresses] = fields
    return `${object} leads the alias to ${addresses?.live ?? 'other addresses'}`
  }
  if (change === 'create') return `${object} is gone`
  const paths = fields.slice(0, 5).map(({ path, live, planned }) => {
    return `${path} is ${live ?? 'absent'}, approved ${planned ?? 'absent'}`
  })
  return `${object}: ${paths.join(', ')}${message ? ` (${message})` : ''}`
}

export function statusOf(reason: DriftReason): 'True' | 'Unknown' {
  return reason === 'NotCompared' ? 'Unknown' : 'True'
}

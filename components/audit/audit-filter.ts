import { type AuditWhat, auditWhats } from '#server/audit/model/audit-record.ts'

export const auditFilters = ['text', 'who', 'what', 'namespace', 'binding', 'from', 'to'] as const

/** What one looks for together; a group stands in the address as the list of its members. */
export const whatGroups: Record<
  'requests' | 'decisions' | 'ends' | 'runs' | 'changes' | 'people',
  AuditWhat[]
> = {
  requests: ['requested', 'changed', 'withdrawn', 'sealed'],
  decisions: ['approved', 'denied', 'granted', 'reduced', 'terms-offered', 'ring-moved'],
  ends: ['revoked', 'released', 'expired', 'service-deleted', 'delete-asked', 'ended', 'deleted'],
  runs: auditWhats.filter((what) => what.startsWith('run-')),
  changes: ['drifted', 'repaired', 'usable'],
  people: ['signed-in', 'signed-out', 'signed-out-everywhere', 'refused'],
}

/** The part of the page's address that the API is asked with. */
export function filterSearch(search: URLSearchParams, also: readonly string[] = []): string {
  const asked = new URLSearchParams()
  for (const name of [...auditFilters, ...also]) {
    const value = search.get(name)
    if (value) asked.set(name, value)
  }
  return asked.toString()
}

/** An instant as `datetime-local` shows it, in the reader's own time; empty where there is none. */
export function localInput(instant: string | null): string {
  const date = new Date(instant ?? '')
  if (Number.isNaN(date.getTime())) return ''
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

export function instantOfInput(value: string): string {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

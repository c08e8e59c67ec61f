import type { Tone } from '#components/ui/badge.tsx'
import type { AuditWhat } from '#server/audit/model/audit-record.ts'

const tones: Partial<Record<AuditWhat, Tone>> = {
  requested: 'accent',
  changed: 'accent',
  approved: 'good',
  granted: 'good',
  usable: 'good',
  repaired: 'good',
  'run-succeeded': 'good',
  denied: 'bad',
  revoked: 'bad',
  refused: 'bad',
  'run-failed': 'bad',
  'run-timed-out': 'bad',
  drifted: 'warn',
  expired: 'warn',
  'service-deleted': 'warn',
  'delete-asked': 'warn',
  'run-cancelled': 'warn',
  'run-deleted': 'warn',
}

export function whatTone(what: AuditWhat): Tone {
  return tones[what] ?? 'neutral'
}

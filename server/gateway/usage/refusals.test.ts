import { expect, test } from 'vitest'
import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import { refusals } from './refusals.ts'

test('one record per caller, reason and minute; beyond so many callers, one for all others', () => {
  let now = new Date('2026-11-26T10:00:10Z')
  const noted: AuditEvent[] = []
  const ending = new AbortController()
  const spool = { note: (events: AuditEvent[]) => void noted.push(...events) }
  const counted = refusals(spool, () => now, ending.signal)
  const one = { caller: 'a', namespace: 'team', binding: 'team/one', reason: 'binding_expired' }
  for (let count = 0; count < 50; count += 1) counted.count(one)
  counted.count({ ...one, reason: 'rate_limit_exceeded' })
  for (let index = 0; index < 5_000; index += 1) {
    counted.count({ caller: `10.0.0.${index}`, namespace: '', reason: 'invalid_token' })
  }
  expect(noted).toEqual([])
  now = new Date('2026-11-26T10:01:00Z')
  counted.count(one)
  expect(noted).toHaveLength(201)
  expect(noted[0]).toMatchObject({
    what: 'refused',
    who: 'a',
    binding: { namespace: 'team', name: 'one' },
    details: { reason: 'binding_expired', count: 50, minute: '2026-11-26T10:00:00.000Z' },
  })
  expect(noted.at(-1)).toMatchObject({ who: 'others', details: { count: 5_000 - 198 } })
  counted.settle()
  counted.count(one)
  counted.settle()
  expect(new Set(noted.map(({ key }) => key)).size).toBe(203)
  ending.abort()
})

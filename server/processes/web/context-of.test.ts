import { expect, test } from 'vitest'
import { bindingEvents } from '#server/audit/model/audit-events.ts'
import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import { bindingIn, readySimulation, withStatus } from '#server/testing/access/binding-stories.ts'
import { contextOf } from './context-of.ts'
import type { ProcessState } from './process-state.ts'

test('of all that a binding proves, only what this request did came from its address', () => {
  const noted: AuditEvent[] = []
  const audit = { note: (events: AuditEvent[]) => void noted.push(...events) }
  const state = { audit, config: { SERVING_NAMESPACE: 'model-serving-prod' } }
  const actor = { type: 'person' as const, user: 'grace', name: 'grace', groups: [] }
  const origin = { requestId: 'number-of-grace', source: '192.0.2.7' }
  const { signal } = new AbortController()
  const ctx = contextOf(state as unknown as ProcessState, actor, signal, origin)

  const ready = bindingIn(readySimulation())
  const end = { by: 'grace', at: '2026-11-24T09:00:00Z', comment: '', generation: 1 }
  const revoked = { ...end, reason: 'Revoked' as const, requestId: origin.requestId }
  ctx.note(bindingEvents(withStatus(ready, { end: revoked }), new Date()))

  const from = (address?: string) =>
    noted.filter(({ source }) => source === address).map(({ what }) => what)
  expect(from(origin.source)).toEqual(['revoked'])
  expect(from()).toEqual(expect.arrayContaining(['requested', 'sealed', 'approved', 'usable']))
})

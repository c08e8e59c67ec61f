import { expect, test } from 'vitest'
import type { RunEventView } from './run-detail-view.ts'
import { orderedEvents } from './run-events.ts'

function event(reason: string, at: string, more: Partial<RunEventView> = {}): RunEventView {
  return { at, about: 'pod', pod: 'p', warning: false, reason, message: reason, count: 1, ...more }
}

test('within one second events stand in the order of a pod’s life, however they came', () => {
  const at = '2026-12-01T10:00:00Z'
  const came = ['Started', 'Created', 'Pulled', 'Scheduled'].map((reason) => event(reason, at))
  const later = event('Killing', '2026-12-01T10:00:01Z')
  const read = ['Scheduled', 'Pulled', 'Created', 'Started', 'Killing']
  expect(orderedEvents([later, ...came]).map(({ reason }) => reason)).toEqual(read)
})

test('what was said again is one event, with how often and when last; another pod’s is its own', () => {
  const back = { warning: true, message: 'Back-off pulling image' }
  const events = [
    event('BackOff', '2026-12-01T10:00:05Z', { ...back, count: 3 }),
    event('BackOff', '2026-12-01T10:00:01Z', back),
    event('BackOff', '2026-12-01T10:00:03Z', { ...back, pod: 'q' }),
  ]
  expect(orderedEvents(events)).toEqual([
    event('BackOff', '2026-12-01T10:00:03Z', { ...back, pod: 'q' }),
    event('BackOff', '2026-12-01T10:00:05Z', { ...back, count: 4 }),
  ])
})

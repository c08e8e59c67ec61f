import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StoredTokenEvent } from '#server/playground/views/token-events.ts'
import {
  condense,
  emptyAnswer,
  type NumberedEvent,
  ranOutWhileThinking,
  reduceTokens,
} from './token-stream.ts'

const event: fc.Arbitrary<StoredTokenEvent> = fc.oneof(
  fc
    .record({
      reasoning: fc.string({ maxLength: 3 }),
      content: fc.string({ maxLength: 3 }),
      moved: fc.boolean(),
    })
    .map((data) => ({ event: 'delta' as const, data })),
  fc.nat(99).map((completionTokens) => ({
    event: 'usage' as const,
    data: { promptTokens: 1, completionTokens },
  })),
)

const numbered = fc
  .array(event, { maxLength: 30 })
  .map((events) => events.map((one, index) => ({ seq: index + 1, event: one })))

function read(events: NumberedEvent[]) {
  return events.reduce((answer, one) => reduceTokens(answer, one.seq, one.event), emptyAnswer)
}

test('condensed events tell the same answer', () => {
  fc.assert(
    fc.property(numbered, fc.nat(20), (events, charsMax) => {
      expect(read(condense(events, charsMax))).toEqual(read(events))
    }),
  )
})

test('reasoning before a move is not joined with it: what moves stands behind that reasoning', () => {
  const events = [{ content: ' ' }, { reasoning: '!' }, { moved: true }].map((data, index) => ({
    seq: index + 1,
    event: { event: 'delta' as const, data },
  }))
  expect(read(condense(events, 1))).toEqual(read(events))
})

test('a viewer that comes back at any point, told some of it twice, ends with the same answer', () => {
  fc.assert(
    fc.property(numbered, fc.nat(30), fc.nat(30), (events, cut, overlap) => {
      const seen = events.slice(0, cut)
      const again = events.slice(Math.max(0, cut - overlap))
      expect(read([...seen, ...again])).toEqual(read(events))
    }),
  )
})

test('what was shown unsaved stands behind what is stored, and gives way to it', () => {
  fc.assert(
    fc.property(numbered, fc.nat(30), fc.nat(30), fc.nat(30), (events, cut, shown, taken) => {
      const stored = read(events.slice(0, cut))
      const ahead = events.slice(cut).map((one) => one.event)
      const unsaved = (from: number, to?: number) => ({
        event: 'unsaved' as const,
        data: { from, events: ahead.slice(from, to) },
      })
      const half = reduceTokens(stored, stored.seq, unsaved(0, shown))
      const all = [half, reduceTokens(half, half.seq, unsaved(0))].map((answer, anew) =>
        anew ? answer : reduceTokens(answer, answer.seq, unsaved(Math.min(shown, ahead.length))),
      )
      const { seq: _, ...whole } = read(events)
      for (const answer of all) expect(answer).toEqual({ ...whole, seq: stored.seq, kept: stored })

      const some = read(events.slice(0, cut + taken))
      const late = events.slice(cut, cut + taken)
      const grown = late.reduce((answer, one) => reduceTokens(answer, one.seq, one.event), half)
      expect(grown).toEqual(late.length > 0 ? some : half)
    }),
  )
})

test('an answer that ended inside its reasoning says so', () => {
  const thought = reduceTokens(emptyAnswer, 1, { event: 'delta', data: { reasoning: 'Let x…' } })
  const data = { state: 'done' as const, finishReason: 'length' }
  expect(ranOutWhileThinking(reduceTokens(thought, 2, { event: 'end', data }))).toBe(true)
  const answered = reduceTokens(thought, 2, { event: 'delta', data: { content: 'x = 2' } })
  expect(ranOutWhileThinking(reduceTokens(answered, 3, { event: 'end', data }))).toBe(false)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStopFilter } from './stop-filter.ts'
import { countTokens, tokenize } from './tokenize.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.stringMatching(/^[\\a-z {}$^0-9\n.<>/]{0,200}$/),
)

test('tokens joined are the text, and the beginning of a text has the beginning of its tokens', () => {
  fc.assert(
    fc.property(texts, fc.nat(300), (text, at) => {
      const tokens = tokenize(text)
      expect(tokens.join('')).toBe(text)
      const head = tokens.slice(0, at % (tokens.length + 1))
      expect(tokenize(head.join(''))).toEqual(head)
    }),
  )
})

test('tokens have the size of those of a language model', () => {
  const text = 'The discriminant is positive, so $x = \\frac{-3 + \\sqrt{65}}{4}$ solves it.'
  expect(text.length / countTokens(text)).toBeGreaterThan(2.5)
  expect(text.length / countTokens(text)).toBeLessThan(5)
})

test('a stop string cuts at its first place, however the text is broken into pieces', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab'), { maxLength: 30 })
  const stops = fc.array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(letters, stops, fc.boolean(), (pieces, strings, include) => {
      const filter = createStopFilter(strings, include)
      let shown = ''
      let stopped: string | undefined
      for (const text of pieces) {
        const result = filter.push({ channel: 'content', text })
        shown += result.pieces.map((piece) => piece.text).join('')
        stopped = result.stopped
        if (stopped !== undefined) break
      }
      if (stopped === undefined)
        shown += filter
          .flush()
          .map((piece) => piece.text)
          .join('')
      const text = pieces.join('')
      const places = strings.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
      if (places.length === 0) expect(shown).toBe(text)
      else
        expect(include ? shown.slice(0, -(stopped?.length ?? 0)) : shown).toBe(
          text.slice(0, text.indexOf(stopped ?? '?')),
        )
      if (stopped !== undefined && !include)
        for (const stop of strings) expect(shown).not.toContain(stop)
    }),
  )
})

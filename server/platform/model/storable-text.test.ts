import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStorableText, storableText } from './storable-text.ts'

// Any UTF-16 at all: pairs, halves of them, NUL.
const anyText = fc
  .array(fc.oneof(fc.constantFrom(0, 0xd83d, 0xde00, 0x61), fc.nat(0xffff)), { maxLength: 20 })
  .map((codes) => String.fromCharCode(...codes))

test('wherever a text is cut, the pieces together are what the whole would be', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(20)), (text, cuts) => {
      const stream = createStorableText()
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b),
        text.length,
      ]
      const pieces = places
        .slice(1)
        .map((end, index) => stream.push(text.slice(places[index], end)))
      const joined = pieces.join('') + stream.finish()
      expect(joined).toBe(storableText(text))
      expect(joined.isWellFormed()).toBe(true)
      expect(joined).not.toContain('\0')
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Span } from './ansi-spans.ts'
import { markSpans } from './mark-spans.ts'

function span(text: string): Span {
  return { text, bold: false, dim: false, italic: false, underline: false, strike: false }
}

test('marking keeps the text, and marks exactly what was found', () => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 6 })
  fc.assert(
    fc.property(texts, fc.array(fc.nat(40), { maxLength: 8 }), (parts, cuts) => {
      const whole = parts.join('')
      const places = [...new Set(cuts.map((cut) => Math.min(cut, whole.length)))].sort(
        (a, b) => a - b,
      )
      const ranges: [number, number][] = []
      for (let i = 0; i + 1 < places.length; i += 2)
        ranges.push([places[i] ?? 0, places[i + 1] ?? 0])
      const marked = markSpans(parts.map(span), ranges)
      expect(marked.map(({ text }) => text).join('')).toBe(whole)
      expect(marked.every(({ text }) => text !== '')).toBe(true)
      const found = marked.flatMap((one) => Array.from(one.text.split(''), () => one.found))
      expect(found).toEqual(
        whole.split('').map((_, at) => ranges.some(([from, to]) => from <= at && at < to)),
      )
    }),
  )
})

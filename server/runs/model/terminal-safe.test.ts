import fc from 'fast-check'
import { expect, test } from 'vitest'
import { terminalSafe } from './terminal-safe.ts'

test.each([
  ['colours', 'ok \u001b[1;31mfailed\u001b[0m end', 'ok failed end'],
  ['a window title', '\u001b]0;rm -rf /\u0007after', 'after'],
  ['a link', 'see \u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', 'see here'],
  ['a clipboard write', '\u001b]52;c;cm0gLXJmIC8=\u001b\\x', 'x'],
  ['an answerback request', '\u001b[cask', 'ask'],
  ['a device control string', '\u001bP1$r0m\u001b\\x', 'x'],
  ['the same in eight bits', '\u009b31mred\u009d0;t\u009cx', 'redx'],
  ['a cleared screen and a reset', '\u001b[2J\u001b[H\u001bcx', 'x'],
  ['a charset switch', '\u001b(0lqk\u001b(Bx', 'lqkx'],
  ['a string without an end', '\u001b]0;all that follows stays', '0;all that follows stays'],
  ['an overwritten line', 'real\rfake', 'real␍fake'],
  ['a bell, a backspace and a NUL', 'a\u0007b\bc\u0000', 'a␇b␈c␀'],
  ['a reversed name', 'exe.\u202efdp', 'exe.\ufffdfdp'],
  ['a tab, an umlaut, an emoji', 'a\tü👩‍🔬', 'a\tü👩‍🔬'],
])('%s', (_, raw, safe) => {
  expect(terminalSafe(raw)).toBe(safe)
})

test('no control character is left of any text, and of a printable one everything is', () => {
  const unit = fc.constantFrom(
    '\u001b',
    '[',
    ']',
    '\\',
    '\u0007',
    '\u009b',
    '\u009c',
    '3',
    'm',
    'a',
    '\r',
  )
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      expect(terminalSafe(text)).toMatch(/^[^\p{Cc}]*$/u)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(terminalSafe(text)).toBe(text)
    }),
  )
})

test('a megabyte of openings that never end takes time in proportion to its length', () => {
  const timeOf = (count: number) => {
    const text = '\u001b]\u001bP\u009d\u001b[0;'.repeat(count)
    const startedMs = performance.now()
    terminalSafe(text)
    return performance.now() - startedMs
  }
  timeOf(10_000)
  // Quadratic, sixteen times the text would take 256 times the time.
  const [short, long] = [timeOf(8_000), timeOf(128_000)]
  expect(long / Math.max(short, 1)).toBeLessThan(100)
})

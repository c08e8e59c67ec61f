import fc from 'fast-check'
import { expect, test } from 'vitest'
import { benchTokens, listPrimes } from '#server/lab/demo-engine/narrate/long-answers.ts'
import { findLoop, loopUnitCharsMax } from './find-loop.ts'

const lookEveryChars = 256

/** Where in a growing text the alarm comes, looked at as the page does; undefined where it never does. */
function alarmAt(text: string): number | undefined {
  for (let end = lookEveryChars; end <= text.length; end += lookEveryChars) {
    if (findLoop(text.slice(0, end))) return end
  }
  return undefined
}

const number = fc.integer({ min: 1, max: 99_999 })
const sentence = fc.oneof(
  fc.tuple(number, number).map(([a, b]) => `Adding ${a} and ${b} gives $${a} + ${b} = ${a + b}$.`),
  fc.tuple(number, number).map(([n, p]) => `Case $n \\equiv ${n % p} \\pmod{${p}}$: it holds.`),
  number.map((n) => `\n\nWait, let me verify this for $n = ${n}$.\n\n`),
  number.map((n) => `$$\\sum_{k=1}^{${n}} k = \\frac{${n} \\cdot ${n + 1}}{2}$$`),
  number.map((n) => `| ${n} | ${n * n} | yes |\n`),
  fc.constantFrom('Therefore it holds. ', 'So far so good. ', 'Hmm. ', '        }\n', '\n---\n'),
  fc.integer({ min: 1, max: 200 }).map((digits) => `0.${'3'.repeat(digits)}\\ldots `),
  fc
    .integer({ min: 2, max: 8 })
    .map((n) => `\\begin{pmatrix}${`${'0 & '.repeat(n - 1)}0 \\\\ `.repeat(n)}\\end{pmatrix}`),
)
const mathematics = fc
  .array(sentence, { minLength: 20, maxLength: 160 })
  .map((all) => all.join(' '))

test('ordinary mathematics is no loop', () => {
  fc.assert(
    fc.property(mathematics, (text) => {
      // The generator may by chance say one sentence seven times on end: that is a loop, by any reader's eye.
      fc.pre(!/(.{3,}?)\1{3,}$/s.test(text))
      expect(alarmAt(text)).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

test('a whole answer of 40,960 tokens full of steps that resemble each other is no loop', () => {
  expect(alarmAt([...benchTokens(40_960)].join(''))).toBeUndefined()
  expect(alarmAt(listPrimes(800).answer.join('\n'))).toBeUndefined()
})

const passage = fc
  .tuple(fc.stringMatching(/^[a-z]{4} [a-z0-9 $+=.,\\{}]{6,300}$/), fc.integer({ min: 1, max: 6 }))
  .map(([text, times]) => Array.from({ length: times }, (_, i) => `${text} ${i}. `).join(''))
  .filter((unit) => unit.length <= loopUnitCharsMax)

test('a loop is seen after its fourth round, or after 400 characters where rounds are short', () => {
  fc.assert(
    fc.property(mathematics, passage, fc.nat(2000), (before, unit, turned) => {
      const latest = Math.max(400, 4 * unit.length) + lookEveryChars
      const loop = unit.slice(turned % unit.length) + unit.repeat(Math.ceil(latest / unit.length))
      expect(alarmAt(before + loop)).toBeLessThanOrEqual(before.length + latest)
    }),
    { numRuns: 100 },
  )
})

test('what is repeated is told, and how often', () => {
  const unit = '\n\nWait, let me verify that again. $1 + 1 = 2$, so it holds.'
  const loop = findLoop(`Okay. ${unit.repeat(10)}`)
  expect(loop?.repeats).toBe(10)
  expect(loop?.unit.length).toBe(unit.length)
  expect((loop?.unit ?? '').repeat(2)).toContain(unit)
})

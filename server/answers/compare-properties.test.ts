import fc from 'fast-check'
import { all, create } from 'mathjs'
import { expect, test } from 'vitest'
import { expressionPairs } from './cases/expressions.ts'
import { kindPairs } from './cases/kinds.ts'
import { numberPairs } from './cases/numbers.ts'
import { compareAnswers } from './compare-answers.ts'
import { fullWork, startWork, workLeft } from './work.ts'

const texts = [
  ...new Set(
    [numberPairs, expressionPairs, kindPairs].flatMap((table) =>
      Object.values(table)
        .flat()
        .flatMap(([a, b]) => [a, b]),
    ),
  ),
]

test('the order of two answers does not matter', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.constantFrom(...texts), (a, b) => {
      const there = compareAnswers(a, b)
      const back = compareAnswers(b, a)
      expect(back).toEqual({ ...there, a: there.b, b: there.a })
    }),
    { numRuns: 400 },
  )
})

test('no answer differs from itself', () => {
  for (const text of texts) expect(compareAnswers(text, text).verdict, text).not.toBe('different')
})

/** A formula as LaTeX and as mathjs reads it. */
type Formula = { latex: string; plain: string }

const integer = fc
  .integer({ min: 1, max: 12 })
  .map((n): Formula => ({ latex: `${n}`, plain: `${n}` }))

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    integer,
    fc.constant<Formula>({ latex: '\\pi', plain: 'pi' }),
    fc.constant<Formula>({ latex: 'e', plain: 'e' }),
    fc.tuple(tie('formula'), tie('formula')).map(
      ([a, b]): Formula => ({
        latex: `(${a.latex}+${b.latex})`,
        plain: `(${a.plain}+${b.plain})`,
      }),
    ),
    fc.tuple(tie('formula'), tie('formula')).map(
      ([a, b]): Formula => ({
        latex: `(${a.latex}-${b.latex})`,
        plain: `(${a.plain}-${b.plain})`,
      }),
    ),
    fc.tuple(tie('formula'), tie('formula')).map(
      ([a, b]): Formula => ({
        latex: `${a.latex}\\cdot ${b.latex}`,
        plain: `${a.plain}*${b.plain}`,
      }),
    ),
    fc.tuple(tie('formula'), integer).map(
      ([a, b]): Formula => ({
        latex: `\\frac{${a.latex}}{${b.latex}}`,
        plain: `((${a.plain})/${b.plain})`,
      }),
    ),
    integer.map((a): Formula => ({ latex: `\\sqrt{${a.latex}}`, plain: `sqrt(${a.plain})` })),
    integer.map((a): Formula => ({ latex: `\\ln{${a.latex}}`, plain: `log(${a.plain})` })),
    integer.map(
      (a): Formula => ({ latex: `\\sin\\frac{\\pi}{${a.latex}}`, plain: `sin(pi/${a.plain})` }),
    ),
    tie('formula').map((a): Formula => ({ latex: `(${a.latex})^2`, plain: `(${a.plain})^2` })),
  ),
}))

const digits = create(all ?? {}, { number: 'BigNumber', precision: 100 })

test('what a hundred digits tell apart is never equal, and what is the same to ninety never different', () => {
  let decided = 0
  fc.assert(
    fc.property(formula, formula, fc.boolean(), (a, b, related) => {
      const other: Formula = related
        ? {
            latex: `${b.latex}+${a.latex}-(${b.latex})`,
            plain: `${b.plain}+${a.plain}-(${b.plain})`,
          }
        : b
      const { verdict } = compareAnswers(a.latex, other.latex)
      const difference = String(
        digits.evaluate(`abs((${a.plain})-(${other.plain}))/(1+abs(${a.plain}))`),
      )
      const isApart = digits.evaluate(`${difference} > 1e-85`) === true
      if (verdict === 'equal') expect(isApart, `${a.latex} and ${other.latex}`).toBe(false)
      if (verdict === 'different') expect(isApart, `${a.latex} and ${other.latex}`).toBe(true)
      if (verdict !== 'undecided') decided++
    }),
    { numRuns: 300 },
  )
  expect(decided).toBeGreaterThan(200)
})

/** Ways to write the same thing that the rules call equal, so that chains of several steps arise. */
const rewritings: ((text: string) => string)[] = [
  (text) => `\\left(${text}\\right)`,
  (text) => `x=${text}`,
  (text) => `0+${text}`,
  (text) => `\\frac{2\\cdot(${text})}{2}`,
  (text) => `${text}\\text{ units}`,
  (text) => `\\$${text}`,
  (text) => `y=${text}`,
]

test('where a = b and b = c, a and c are never different, over random chains', () => {
  const start = fc.oneof(
    fc.constantFrom(
      '5',
      '0.5',
      '\\sqrt2',
      '\\pi',
      '1,234',
      '25\\%',
      '30^\\circ',
      'n+1',
      '2\\pi r',
      '0.333333',
      '1\\frac12',
      '204_5',
    ),
    formula.map(({ latex }) => latex),
  )
  const step = fc.constantFrom(...rewritings)
  fc.assert(
    fc.property(
      fc.tuple(start, start),
      fc.array(fc.tuple(step, step), { minLength: 1, maxLength: 4 }),
      (ends, steps) => {
        const pool = ends.flatMap((end) => [end, ...steps.flatMap(([f, g]) => [f(end), g(f(end))])])
        const verdict = pool.map((a) => pool.map((b) => compareAnswers(a, b).verdict))
        for (const [b, middle] of pool.entries())
          for (const [a, first] of pool.entries())
            for (const [c, last] of pool.entries())
              if (verdict[a]?.[b] === 'equal' && verdict[b]?.[c] === 'equal')
                expect(verdict[a]?.[c], `${first} = ${middle} = ${last}`).not.toBe('different')
      },
    ),
    { numRuns: 25 },
  )
})

test('no comparison throws or leaves its budget, whatever it is given', () => {
  const piece = fc.constantFrom(
    '\\frac',
    '{',
    '}',
    '(',
    ')',
    '^',
    '_',
    '\\sqrt',
    '1',
    'x',
    '!',
    '10^',
    '\\text{',
    '\\left',
    '|',
    ',',
    '=',
    '<',
    '\\begin{pmatrix}',
    '\\\\',
    '&',
    '\\pm',
    '\\sum_{k=1}^{n}',
    '\\boxed{',
    '$',
    '\\def\\a',
    '中',
    '°',
    '%',
    '\\in',
    '\\mathbb{Z}',
    ':',
    '0.\\overline{3}',
    '\\cup',
    ' or ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(piece, { maxLength: 40 }), (a, b) => {
      expect(['equal', 'different', 'undecided']).toContain(
        compareAnswers(a.join(''), b.join('')).verdict,
      )
    }),
    { numRuns: 1500 },
  )
})

const r = String.raw
const hard: [name: string, a: string, b: string][] = [
  ['towers', '10^{10^{10^{10}}}', '9^{9^{9^9}}'],
  ['factorials', '((((9!)!)!)!)!', '1'],
  ['large factorials', '60000!', r`59999!\cdot60000`],
  ['nested roots', `${r`\sqrt{2+`.repeat(60)}2${'}'.repeat(60)}`, '2'],
  ['nested cube roots', `${r`\sqrt[3]{1+`.repeat(20)}1${'}'.repeat(20)}`, '1.5'],
  [
    'many radicals',
    Array.from({ length: 20 }, (_, i) => r`\sqrt{${i + 2}+\sqrt{${i + 5}}}`).join('+'),
    '100',
  ],
  ['20,000 digits', '7'.repeat(20_000), `${'7'.repeat(19_999)}8`],
  ['20,000 characters of a sum', `${'x+'.repeat(9_999)}x`, '10000x'],
  ['a product of 300 factors', '(x+1)'.repeat(300), '1'],
  ['macro bombs', r`\def\a{xx}` + r`\a`.repeat(500), '1'],
  ['brackets', '('.repeat(9_000), '1'],
  [
    'long lists',
    Array.from({ length: 500 }, (_, i) => i).join(','),
    Array.from({ length: 500 }, (_, i) => 500 - i).join(','),
  ],
  ['long sums', r`\sum_{k=1}^{20000}\frac1k`, '10.48'],
  ['sums of roots', r`\sum_{k=1}^{2000}\sqrt{k}`, '5'],
  ['continued fractions', `${r`\frac{1}{1+`.repeat(80)}x${'}'.repeat(80)}`, 'x'],
  ['powers of sums', '(x+y+z+w)^{30}', '(x+y+z+w)^{30}+1'],
]

test.each(hard)('%s end within the budget', (_, a, b) => {
  // Time of this process alone, the best of three: other work on the machine does not count.
  const times = [1, 2, 3].map(() => {
    const used = process.cpuUsage()
    compareAnswers(a, b)
    return process.cpuUsage(used).user / 1000
  })
  expect(Math.min(...times)).toBeLessThan(250)
  startWork()
  expect(workLeft()).toBe(fullWork)
})

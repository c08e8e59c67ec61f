import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import Fraction from 'fraction.js'
import katex from 'katex'
import { describe, expect, test } from 'vitest'
import { answerPrompt } from './answer-prompt.ts'
import { knownPrograms } from './programs.ts'

/** The content of the last \boxed{}, which may hold braces itself. */
function boxed(message: string, seed = 1): string | undefined {
  const { content } = answerPrompt(message, seed)
  return /\\boxed\{(.*)\}\n\$\$/.exec(content)?.[1]
}

const solved: [string, string][] = [
  ['Solve x^2 - 5x + 6 = 0', 'x = 2 \\text{ or } x = 3'],
  [
    'Solve $2x^2 + 3x - 7 = 0$.',
    'x = \\frac{-3 + \\sqrt{65}}{4} \\text{ or } x = \\frac{-3 - \\sqrt{65}}{4}',
  ],
  ['Solve x^2+2x+5=0', 'x = -1 + 2i \\text{ or } x = -1 - 2i'],
  ['x^2-4x+4=0', 'x = 2'],
  ['If 2x + 3 = 11, what is x?', 'x = 4'],
  ['Solve 2(x-1)/3 = x/4 + 5', 'x = \\frac{68}{5}'],
  ['Solve 2x + 1 = 2x', '\\text{no solution}'],
  ['Solve x^3 - 6x^2 + 11x - 6 = 0', 'x = 1 \\text{ or } x = 2 \\text{ or } x = 3'],
  ['solve sqrt(x+1) = 3', 'x = 8'],
  ['solve e^x = 5', 'x = \\ln\\left(5\\right)'],
  ['求解方程 x^2 = 9', 'x = -3 \\text{ or } x = 3'],
  ['solve the system x + y = 5, x - y = 1', 'x = 3,\\; y = 2'],
  ['\\begin{cases} 2x + 3y = 12 \\\\ x - y = 1 \\end{cases}', 'x = 3,\\; y = 2'],
  ['solve x+y=1 and x+y=2', '\\text{no solution}'],
  ['solve x+y=1 and 2x+2y=2', 'x = 1 - y,\\; y \\in \\mathbb{R} \\text{ free}'],
  ['What is the derivative of x^2 sin(x)?', '2x\\sin\\left(x\\right) + x^{2}\\cos\\left(x\\right)'],
  ['Find the third derivative of x^5', '60x^{2}'],
  ['$\\frac{d}{dx} \\ln(x^2+1)$', '\\frac{2x}{1 + x^{2}}'],
  ['$\\int_0^1 x^2 \\, dx$', '\\frac{1}{3}'],
  ['Integrate x*sin(x) dx', '\\sin\\left(x\\right) - x\\cos\\left(x\\right) + C'],
  ['integral of 1/(1+x^2) from 0 to 1', '\\frac{\\pi}{4}'],
  ['$\\int_0^\\infty e^{-x} dx$', '1'],
  ['Find gcd(84, 36)', '12'],
  ['lcm of 12, 18 and 20', '180'],
  ['Is 9991 prime?', '\\text{not prime}'],
  ['Is 10^9+7 a prime number?', '\\text{prime}'],
  ['Factor 360', '360 = 2^{3} \\cdot 3^{2} \\cdot 5'],
  ['3^200 mod 13', '9'],
  ['inverse of 3 modulo 11', '4'],
  ['sum from k=1 to 100 of k^2', '338350'],
  ['$\\sum_{k=1}^{n} k$', '\\frac{1}{2}n^{2} + \\frac{1}{2}n'],
  ['$\\sum_{k=0}^{\\infty} \\left(\\frac{1}{2}\\right)^k$', '2'],
  ['1+2+3+...+100', '5050'],
  ['$\\binom{52}{5}$', '2598960'],
  ['How many ways can I choose 3 people from 12?', '220'],
  ['What is 15% of 240?', '36'],
  ['increase 80 by 25%', '100'],
  ['What is 2^100?', '1267650600228229401496703205376'],
  ['Compute (3 + 4*2)^2 / 7 - 1/3', '\\frac{356}{21}'],
  ['What is 1,234 * 5,678?', '7006652'],
  ['$\\frac{1}{2} + \\frac{1}{3}$', '\\frac{5}{6}'],
  ['What is the sum of 12 and 30?', '42'],
  ['sqrt(8)+sqrt(2)', '3\\sqrt{2}'],
  ['Factor x^2 - 5x + 6', '\\left(x - 2\\right)\\left(x - 3\\right)'],
  ['expand (x+1)^3', 'x^{3} + 3x^{2} + 3x + 1'],
]

test.each(solved)('%s', (message, answer) => {
  expect(boxed(message)).toBe(answer)
})

const typeset = [
  ...solved.map(([message]) => message),
  'Solve x^5 - x - 1 = 0',
  'Differentiate $f(x) = \\frac{x^2+1}{e^x}$',
  'd/dx sqrt(x) cos(3x)',
  'Solve for r: A = pi r^2',
  'list the first 50 primes with reasons',
  'write a long proof of 30 steps',
  'two sum in python',
  'hello',
]

test.each(typeset)('every formula can be typeset in the answer to: %s', (message) => {
  for (const sample of [0, 1, 2]) {
    const { thinking, content } = answerPrompt(message, 1, sample)
    const prose = `${thinking}\n${content}`.replace(/```[\s\S]*?```|`[^`]*`/g, '')
    for (const [, block, inline] of prose.matchAll(/\$\$([\s\S]+?)\$\$|\$([^$]+)\$/g))
      expect(() => katex.renderToString(block ?? inline ?? '', { strict: 'error' })).not.toThrow()
  }
})

test('the seed changes the words and the sample the method, neither the result', () => {
  const message = 'Solve x^2 - 7x + 12 = 0'
  const answers = [0, 1, 2].map((sample) => answerPrompt(message, 5, sample))
  expect(answerPrompt(message, 5, 1)).toEqual(answers[1])
  const thoughts = answers.map(({ thinking }) => thinking).join('\n')
  expect(thoughts).toContain('two numbers with product')
  expect(thoughts).toContain('quadratic formula')
  expect(thoughts).toContain('complete the square')
  expect(new Set(answers.map(({ content }) => /\\boxed.*/.exec(content)?.[0])).size).toBe(1)
})

test('rational roots of a random quadratic are found, whatever the method', () => {
  const root = fc.record({
    p: fc.integer({ min: -30, max: 30 }),
    q: fc.integer({ min: 1, max: 9 }),
  })
  fc.assert(
    fc.property(root, root, fc.nat(50), (r, s, seed) => {
      const [a, b, c] = [r.q * s.q, -(r.p * s.q + s.p * r.q), r.p * s.p]
      const answer = boxed(`Solve ${a}x^2 + (${b})x + (${c}) = 0`, seed) ?? ''
      const found = rationals(answer)
      const expected = [new Fraction(r.p, r.q), new Fraction(s.p, s.q)]
      expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)))
    }),
    { numRuns: 60 },
  )
})

/** The numbers after each equals sign. */
function rationals(answer: string): Fraction[] {
  return [...answer.matchAll(/= (-?)(?:\\frac\{(\d+)\}\{(\d+)\}|(\d+))/g)].map(
    ([, sign, top, bottom, whole]) => new Fraction(`${sign}${whole ?? `${top}/${bottom}`}`),
  )
}

test('a random regular system is solved by the numbers that it was made from', () => {
  const small = fc.integer({ min: -9, max: 9 })
  fc.assert(
    fc.property(
      fc.array(small, { minLength: 9, maxLength: 9 }),
      fc.tuple(small, small, small),
      (m, at) => {
        const rows = [m.slice(0, 3), m.slice(3, 6), m.slice(6, 9)]
        const [[a, b, c], [d, e, f], [g, h, i]] = rows as [number[], number[], number[]]
        fc.pre(a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!) !== 0)
        const lines = rows.map(
          ([x, y, z]) => `(${x})x + (${y})y + (${z})z = ${x! * at[0] + y! * at[1] + z! * at[2]}`,
        )
        const found = rationals(boxed(`Solve the system: ${lines.join('; ')}`) ?? '')
        expect(found.map(Number)).toEqual(at.map((value) => value + 0))
      },
    ),
    { numRuns: 40 },
  )
})

test('gcd and lcm of random numbers multiply to their product', () => {
  const number = fc.bigInt({ min: 1n, max: 10n ** 12n })
  fc.assert(
    fc.property(number, number, (a, b) => {
      const gcd = BigInt(boxed(`gcd(${a}, ${b})`) ?? 0)
      const lcm = BigInt(boxed(`lcm(${a}, ${b})`) ?? 0)
      expect(gcd * lcm).toBe(a * b)
      expect([a % gcd, b % gcd, lcm % a, lcm % b]).toEqual([0n, 0n, 0n, 0n])
    }),
    { numRuns: 40 },
  )
})

test('whatever else is asked, it says what it is and boxes nothing', () => {
  for (const message of [
    'Tell me a joke',
    'What is the capital of France?',
    '',
    '((((',
    '9^9^9^9',
    '1/0',
    'Explain Noether',
  ]) {
    const { content } = answerPrompt(message, 1)
    expect(content).toContain('not a language model, and not VibeThinker-1.5B')
    expect(content).not.toContain('\\boxed')
  }
})

const refused = [
  'How many positive integers n satisfy lcm(n, 12) = 60?',
  'Find the number of ordered pairs (a, b) with lcm(a, b) = 2^3 * 5^7.',
  'How many integers between 1 and 100 have gcd 6 with 36?',
  'Find the eigenvalues of the matrix [[2, 1], [1, 3]].',
  'Let A = \\begin{pmatrix} 1 & 1 \\\\ 1 & 0 \\end{pmatrix}. Compute $A^{10}$.',
  'Find the eigenvalues of $A^{10}$.',
  'Compute the determinant of A = 3B + 2',
  'Prove that $\\sqrt{2}$ is irrational.',
  'Prove that √2 is irrational',
  'Give a proof in 5 steps that $\\sqrt{2}$ is irrational',
  'Show that n^2 + n is even for every integer n.',
  'Is sqrt(2) rational?',
  'What is the last digit of 7^7^7?',
  '7^7^7 mod 10',
  '2^10 + 3 mod 7',
  'Solve x^2 = 2 mod 7',
  'Find x if x = 3 mod 5 and x = 2 mod 7',
  'Solve x + y = 7 in positive integers',
  'How many solutions has x + y + z = 10?',
  'How many real roots has x^3 - x = 0?',
  'Find the sum of the roots of x^2 - 5x + 6 = 0',
  'Find the largest root of x^2 - 5x + 6 = 0',
  'If x = 3, find x^2 + 1',
  'If x^2 - 5x + 6 = 0, find x^3.',
  'Solve x^2 = 4 with x > 0',
  'Solve $x^2 \\le 4$',
  "Solve the differential equation y' = 2y",
  'Find the derivative of x^2 at x = 3',
  'Find the tangent to y = x^2 at x = 1',
  'Find the maximum of x^2 - 4x + 7',
  'Find the minimum of (x-1)^2 + 3',
  'What is the limit of sin(x)/x as x goes to 0?',
  '$\\lim_{x \\to 0} \\frac{\\sin x}{x}$',
  '$\\iint x y \\, dx \\, dy$',
  '$\\int_0^1 \\int_0^1 x y \\, dx \\, dy$',
  '$\\prod_{k=1}^{5} k$',
  'Sum of the first 10 primes',
  'Sum of the first 10 odd squares',
  '1 + 2 + 4 + 8 + ... + 1024',
  'How many ways can I choose 3 people from 12 so that two of them never sit together?',
  'What is the probability of choosing 3 red balls from 12?',
  'In how many ways can 8 people sit around a round table?',
  'A train travels 120 km in 2 hours. What is its speed?',
  'A bat and a ball cost 1.10. The bat costs 1 more than the ball. How much is the ball?',
  'The area of a circle is 25 pi. Find its radius.',
  'Find the smallest prime factor of 2^32 + 1 that is above 100',
  'Convert 255 to binary',
  'What is 2 + 3 in base 4?',
  'Write a Python function for quick sort',
  'Write a Python program for the longest palindromic substring by dynamic programming',
  'Compute A^10',
]

test.each(refused)('it refuses what it cannot do, and boxes nothing: %s', (message) => {
  const { content } = answerPrompt(message, 1)
  expect(content).not.toContain('\\boxed')
  expect(content).not.toContain('```')
  expect(content).toContain('not a language model, and not VibeThinker-1.5B')
})

test('no text makes it throw or write a tag of its own', () => {
  const noise = fc.stringMatching(/^[\\a-z{}()^_=+*/ 0-9$!%<>,.?-]{0,80}$/)
  fc.assert(
    fc.property(fc.oneof(noise, fc.string({ maxLength: 80 })), (message) => {
      const { thinking, content } = answerPrompt(message, 1)
      expect(thinking).not.toContain('think>')
      expect(content.length).toBeGreaterThan(10)
    }),
    { numRuns: 300 },
  )
})

test('programs are answered as programs, and their names in mathematics as mathematics', () => {
  expect(answerPrompt('Write gcd in Python', 1).content).toContain('def gcd(a, b):')
  expect(answerPrompt('binary search', 1).content).toContain('def binary_search')
  expect(boxed('gcd of 12 and 8')).toBe('4')
})

const hasPython = spawnSync('python3', ['--version']).status === 0
describe.runIf(hasPython)('with a Python at hand', () => {
  test.each(knownPrograms())('$title runs and prints what it promises', ({ code }) => {
    const run = spawnSync('python3', ['-c', code], { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    const promised = /# (.+)$/.exec(code)?.[1]
    if (promised) expect(run.stdout.trim()).toBe(promised)
  })
})

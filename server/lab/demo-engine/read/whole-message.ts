import { isMathWord } from '#server/lab/demo-engine/algebra/expression.ts'
import type { Problem } from './parse-problem.ts'
import { readLatex } from './read-latex.ts'
import { formulasIn, readSpokenMath, withoutGrouping } from './read-words.ts'

const list = (text: string) => text.split(/\s+/)
/** Words that change nothing of a problem, whatever it is. */
const plain =
  list(`what whats is the a an of please kindly compute calculate evaluate find determine give me can could
  you we i us tell show work out carefully exactly exact value result answer final step by steps each your reasoning
  with all hence now question problem exercise task following get do does how much in english detail briefly reply only
  and then explain box boxed put within think about check it to simplify`)

/** Beside these, words of each kind. A word that is in neither list may change the problem: it is refused. */
const vocabulary: Record<Problem['kind'], string[]> = {
  arithmetic: list('sum product difference for square cube root power plus minus times divided'),
  equation: list(
    `solve for equation equations quadratic linear cubic polynomial if root roots solution solutions zero zeros isolate
    are`,
  ),
  system: list('solve for system simultaneous linear equations equation if are'),
  derivative: list(
    'derivative differentiate first second third fourth fifth sixth with respect wrt function',
  ),
  integral: list(
    'integral integrate antiderivative anti derivative from to between dx dt dy dz du respect definite indefinite function infinity',
  ),
  rewriting: list(
    'factor factorise factorize expand expression polynomial quadratic factored form',
  ),
  sum: list(
    'sum from to first odd even square squares cube cubes integers numbers natural whole positive infinity series perfect through up for',
  ),
  primality: list('prime composite whether if number or'),
  factorisation: list(
    'prime factor factors factorization factorisation factorise factorize decompose decomposition number integer into primes',
  ),
  gcd: list('gcd gcf hcf greatest common divisor factor numbers integers'),
  lcm: list('lcm least lowest smallest common multiple numbers integers'),
  modular: list('mod modulo remainder when divided inverse modular'),
  choose:
    list(`choose select pick ways many binomial coefficient from out group set different are there people persons students
    books balls cards items objects things elements numbers letters players members committee team`),
  arrange:
    list(`arrange order permutations permute ways many from out different are there people persons students books balls
    cards items objects things elements numbers letters row line`),
  percent: list(
    'percent percentage increase increased decrease decreased reduce reduced raise raised',
  ),
  primes: list('list first primes prime numbers reasons reason why'),
  proof: list('write long short proof give'),
}

/** Of these, every letter that stands alone is a variable that the solver would drop. */
const withoutVariables = new Set<Problem['kind']>([
  ...(['gcd', 'lcm', 'modular', 'choose', 'arrange', 'percent'] as const),
  ...(['primality', 'factorisation', 'primes', 'proof'] as const),
])
const cjk = /[求解方程计算的值是多少等于积分导数请出和为下列各题：、]/g
const known = /^[\w\s+\-*/^=().,;:!?%#'’"“”…`\u00a0]*$/

/**
 * Why a message says more than the problem that was found in it, in words; undefined where nothing of it is left out. A
 * solver that takes a part of a question answers another one.
 */
export function leftOut(message: string, problem: Problem): string | undefined {
  const read = withoutGrouping(readLatex(message)).replaceAll(cjk, ' ')
  if (!known.test(read)) return 'There are signs in it that I cannot compute with.'
  const { kind } = problem
  const text = readSpokenMath(read)
  const words = (text.match(/[A-Za-z]+(?:['’][a-z]+)?/g) ?? []).map((word) => word.toLowerCase())
  const allowed = new Set([...plain, ...vocabulary[kind]])
  const formulas = formulasIn(text)
  const inFormula = new Set(
    formulas.flatMap((formula) => formula.toLowerCase().match(/[a-z]+/g) ?? []),
  )
  const odd = words.find(
    (word) =>
      word.length > 1 &&
      !allowed.has(word.replace(/['’]s$/, '')) &&
      !isMathWord(word) &&
      !/^d[a-z]$/.test(word) &&
      !(inFormula.has(word) && /^[a-z]{2,3}$/.test(word)),
  )
  if (odd) return `I do not know what “${odd.slice(0, 40)}” means for this problem.`
  if (
    withoutVariables.has(kind) &&
    words.some((word) => /^[b-hj-z]$/.test(word) && !/^[cp]$/.test(word))
  ) {
    return 'There are unknowns in it that I would have to leave out.'
  }
  return problemOfNumbers(text, problem, formulas)
}

function problemOfNumbers(text: string, problem: Problem, formulas: string[]): string | undefined {
  const more = 'There is more in it than I can compute at once.'
  const numbers = numbersOf(text)
  switch (problem.kind) {
    case 'gcd':
    case 'lcm':
      return same(numbers, problem.values) && !/[\d)]\s*[*^/+]/.test(text) ? undefined : more
    case 'modular': {
      const exponent = [1n, -1n].includes(problem.exponent) ? [] : [problem.exponent]
      const told = [problem.base, ...exponent, problem.modulus]
      const isPlain = (text.match(/\^/g) ?? []).length <= 1 && !/[\d)]\s*[*+/=]/.test(text)
      return same(numbers, told) && isPlain ? undefined : more
    }
    case 'choose':
    case 'arrange':
      return numbers.every((one) => [problem.n, problem.k].includes(one)) &&
        numbers.length <= 2 &&
        !/[\d)]\s*[*^/+=-]/.test(text)
        ? undefined
        : more
    case 'arithmetic':
      return /\.\.\.|…|=\s*\S*[A-Za-z]/.test(text) || withDigits(formulas) > 1 ? more : undefined
    case 'rewriting':
      return withDigits(formulas) > 1 || /=/.test(text) ? more : undefined
    case 'equation':
    case 'system':
      return formulas.some((formula) => !formula.includes('=') && /[\d+*/^]/.test(formula))
        ? more
        : undefined
    case 'derivative':
      return formulas.filter((formula) => /[+*/^=()]/.test(formula)).length > 2 ? more : undefined
    case 'integral':
      return (text.match(/\bintegra(?:l|te)\b/gi) ?? []).length > 1 || severalDifferentials(text)
        ? more
        : undefined
    case 'sum':
      return (text.match(/\bsum\b/gi) ?? []).length > 1 || doubled(text) ? more : undefined
    default:
      return undefined
  }
}

function numbersOf(text: string): bigint[] {
  return (text.match(/\d+/g) ?? []).map(BigInt)
}

function same(found: bigint[], told: bigint[]): boolean {
  const size = (one: bigint) => (one < 0n ? -one : one)
  const sorted = (numbers: bigint[]) =>
    numbers
      .map(size)
      .sort((a, b) => (a < b ? -1 : 1))
      .join()
  return sorted(found) === sorted(told)
}

function withDigits(formulas: string[]): number {
  return formulas.filter((formula) => /\d/.test(formula)).length
}

function severalDifferentials(text: string): boolean {
  return (text.match(/(?<![a-z])d\s?[a-z]\b(?!\w)/g) ?? []).length > 1
}

/** Odd squares are neither the odd numbers nor the squares. */
function doubled(text: string): boolean {
  return (text.match(/\b(?:odd|even|squares?|cubes?)\b/gi) ?? []).length > 1
}

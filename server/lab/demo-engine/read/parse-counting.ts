import Fraction from 'fraction.js'
import { exactValue } from '#server/lab/demo-engine/algebra/evaluate.ts'
import { parseExpression, variablesOf } from '#server/lab/demo-engine/algebra/expression.ts'
import type { Problem } from './parse-problem.ts'
import { formulasIn } from './read-words.ts'

/** Problems about whole numbers, sums, selections and percentages. */
export function parseCountingProblem(text: string): Problem | undefined {
  return sum(text) ?? modular(text) ?? divisors(text) ?? selection(text) ?? percent(text)
}

/** A whole number written out or as a formula such as 10^9+7. */
function whole(text: string | undefined): bigint | undefined {
  if (!text || !/\d/.test(text)) return undefined
  const expression = parseExpression(text)
  if (variablesOf(expression).length > 0) return undefined
  const value = exactValue(expression)
  return value?.d === 1n ? value.s * value.n : undefined
}

const wholePattern = '(-?\\d[\\d^*+()\\s-]*)'

function modular(text: string): Problem | undefined {
  const inverse = /inverse of\s+(-?\d+)\s*,?\s*\(?\s*mod(?:ulo)?\s*\(?\s*(\d+)/i.exec(text)
  if (inverse) return modularOf(inverse[1], '-1', inverse[2])
  const power =
    /(-?\d+)\s*\^\s*\(?\s*(-?\d+)\s*\)?\s*\(?\s*(?:mod(?:ulo)?|%)\s*\(?\s*(\d+)/i.exec(text) ??
    /remainder (?:of|when)\s+(-?\d+)\s*\^\s*\(?\s*(\d+)\s*\)?\s+(?:is\s+)?(?:divided\s+)?by\s+(\d+)/i.exec(
      text,
    )
  if (power) return modularOf(power[1], power[2], power[3])
  const plain =
    /(-?\d+)\s*\(?\s*(?:mod(?:ulo)?|%)\s*\(?\s*(\d+)(?!\s*%|\s+of)/i.exec(text) ??
    /remainder (?:of|when)\s+(-?\d+)\s+(?:is\s+)?(?:divided\s+)?by\s+(\d+)/i.exec(text)
  return plain ? modularOf(plain[1], '1', plain[2]) : undefined
}

function modularOf(base?: string, exponent?: string, modulus?: string): Problem | undefined {
  if (!base || !exponent || !modulus) return undefined
  return {
    kind: 'modular',
    base: BigInt(base),
    exponent: BigInt(exponent),
    modulus: BigInt(modulus),
  }
}

function divisors(text: string): Problem | undefined {
  const common =
    /\b(gcd|gcf|hcf|greatest common (?:divisor|factor)|lcm|(?:least|lowest|smallest) common multiple)\b([\s\S]*)/i.exec(
      text,
    )
  if (common) {
    const values = (common[2]?.match(/-?\d+/g) ?? []).map(BigInt)
    const kind = /^(l|s)/i.test(common[1] ?? '') ? 'lcm' : 'gcd'
    if (values.length > 1) return { kind, values }
  }
  const number = new RegExp(
    `\\b(?:is|whether|if)\\s+${wholePattern}\\s*(?:is\\s+)?(?:an?\\s+)?(?:prime|composite)`,
    'i',
  )
  const n = whole(number.exec(text)?.[1])
  if (n !== undefined) return { kind: 'primality', n }
  const asked =
    /\b(?:prime\s+factor\w*|factori[sz]ation|factor(?:i[sz]e)?|decompos\w*)\b(?:\s+(?:of|the|number|integer|into|primes?))*([\s\S]*)/i.exec(
      text,
    )
  const [formula] = asked ? formulasIn(asked[1] ?? '') : []
  const factored = formula && !/[a-z=]/i.test(formula) ? whole(formula) : undefined
  return factored === undefined ? undefined : { kind: 'factorisation', n: factored }
}

function selection(text: string): Problem | undefined {
  const choose =
    /(\d+)\s+choose\s+(\d+)/i.exec(text) ??
    /\bbinomial\s*\(\s*\(?(\d+)\)?\s*,\s*\(?(\d+)\)?\s*\)/i.exec(text) ??
    /\b(\d+)\s*C\s*(\d+)\b/.exec(text) ??
    /\bC\(\s*(\d+)\s*,\s*(\d+)\s*\)/.exec(text)
  if (choose) return { kind: 'choose', n: BigInt(choose[1] ?? 0), k: BigInt(choose[2] ?? 0) }
  const from =
    /\b(?:choose|select|pick)\s+(\d+)\b[^.?!]*?\b(?:from|of|out of)\s+(?:a (?:group|set) of\s+)?(\d+)/i.exec(
      text,
    )
  if (from) return { kind: 'choose', n: BigInt(from[2] ?? 0), k: BigInt(from[1] ?? 0) }
  const arrange =
    /\bP\(\s*(\d+)\s*,\s*(\d+)\s*\)/.exec(text) ?? /(\d+)\s+permute\s+(\d+)/i.exec(text)
  if (arrange) return { kind: 'arrange', n: BigInt(arrange[1] ?? 0), k: BigInt(arrange[2] ?? 0) }
  const line =
    /\b(?:arrange|permutations of|order)\s+(\d+)(?:\s+\w+)?(?:\s+(?:from|out of)\s+(\d+))?/i.exec(
      text,
    )
  const k = line?.[1]
  return k ? { kind: 'arrange', n: BigInt(line[2] ?? k), k: BigInt(k) } : undefined
}

function percent(text: string): Problem | undefined {
  const n = '(-?\\d+(?:\\.\\d+)?)'
  const sign = '\\s*(?:%|percent)'
  const part = new RegExp(`${n}${sign}\\s+of\\s+${n}`, 'i').exec(text)
  if (part)
    return {
      kind: 'percent',
      percent: { ask: 'part', rate: decimal(part[1]), of: decimal(part[2]) },
    }
  const rate =
    new RegExp(`${n}\\s+is\\s+what\\s*(?:%|percent(?:age)?)\\s+of\\s+${n}`, 'i').exec(text) ??
    new RegExp(`what\\s*(?:%|percent(?:age)?)\\s+is\\s+${n}\\s+of\\s+${n}`, 'i').exec(text)
  if (rate)
    return {
      kind: 'percent',
      percent: { ask: 'rate', part: decimal(rate[1]), of: decimal(rate[2]) },
    }
  const whole = new RegExp(`what\\s*(?:%|percent(?:age)?)\\s+of\\s+${n}\\s+is\\s+${n}`, 'i').exec(
    text,
  )
  if (whole)
    return {
      kind: 'percent',
      percent: { ask: 'rate', part: decimal(whole[2]), of: decimal(whole[1]) },
    }
  const change = new RegExp(
    `\\b(increase|decrease|reduce|raise)d?\\s+${n}\\s+by\\s+${n}${sign}`,
    'i',
  ).exec(text)
  if (!change) return undefined
  const size = decimal(change[3])
  const rateOf = /^(de|red)/i.test(change[1] ?? '') ? size.neg() : size
  return { kind: 'percent', percent: { ask: 'change', rate: rateOf, of: decimal(change[2]) } }
}

function decimal(text: string | undefined): Fraction {
  return new Fraction(text ?? '0')
}

const sumBounds =
  /\bsum\b[\s\S]*?\bfrom\s+([a-z])\s*=\s*\(?(-?\d+)\)?\s+to\s+\(?\s*(-?\d+|infinity|Infinity|[a-z])\s*\)?\s*(?:of\b)?([\s\S]*)/

function sum(text: string): Problem | undefined {
  const bounded = sumBounds.exec(text)
  if (bounded) {
    const [whole = '', variable = 'k', from = '0', to = 'n', after = ''] = bounded
    const [behind] = formulasIn(after)
    const [before] = formulasIn(/\bsum\s+of\b([\s\S]*?)\bfrom\b/.exec(whole)?.[1] ?? '')
    const formula = behind ?? before
    return formula ? sumOf(variable, from, to, formula) : undefined
  }
  const range =
    /\bsum\s+of\s+(?:all\s+)?(?:the\s+)?(?:integers|numbers|natural numbers|whole numbers)\s+(?:from\s+)?(-?\d+)\s+(?:to|through|up to)\s+(-?\d+)/i.exec(
      text,
    )
  if (range) return sumOf('k', range[1] ?? '1', range[2] ?? '1', 'k')
  const first =
    /\bsum\s+of\s+(?:the\s+)?first\s+(\d+|n)\s+(odd|even|square|cube|perfect square)?/i.exec(text)
  if (first) {
    const terms: Record<string, string> = {
      odd: '2k-1',
      even: '2k',
      square: 'k^2',
      'perfect square': 'k^2',
      cube: 'k^3',
    }
    return sumOf('k', '1', first[1] ?? '1', terms[first[2]?.toLowerCase() ?? ''] ?? 'k')
  }
  const dots = /(-?\d+)\s*\+\s*(-?\d+)\s*\+(?:\s*(-?\d+)\s*\+)?\s*(?:\.\.\.|…)\s*\+\s*(-?\d+)/.exec(
    text,
  )
  return dots ? progression(dots) : undefined
}

function sumOf(variable: string, from: string, to: string, formula: string): Problem {
  const term = parseExpression(formula)
  const upper = /^-?\d+$/.test(to) ? BigInt(to) : to.toLowerCase()
  return { kind: 'sum', sum: { term, variable, from: BigInt(from), to: upper } }
}

/** a + b + ... + z, an arithmetic progression where the numbers fit one. */
function progression([, a = '0', b = '0', c, z = '0']: RegExpExecArray): Problem | undefined {
  const [first, second, last] = [BigInt(a), BigInt(b), BigInt(z)]
  const step = second - first
  if (step === 0n || (last - first) % step !== 0n) return undefined
  if (c !== undefined && BigInt(c) - second !== step) return undefined
  const count = (last - first) / step + 1n
  return count > 0n ? sumOf('k', '1', String(count), `(${step})*k+(${first - step})`) : undefined
}

import { power } from '#server/answers/exact/integer.ts'
import {
  addRational,
  multiplyRational,
  type Rational,
  rational,
} from '#server/answers/exact/rational.ts'
import { undecided } from '#server/answers/work.ts'
import { type Cursor, isChr, isCmd, next, peek } from './cursor.ts'
import type { Node } from './node.ts'

const digitsMax = 20_000

/** A numeral at the cursor: separators, repeating decimals, bases, mixed numbers. */
export function parseNumber(c: Cursor): Node {
  let digits = next(c).s
  if (digits.length > digitsMax) undecided('number too large')
  for (;;) {
    const separated = thousandsAt(c)
    if (!separated || digits.includes('.') || !/^\d{1,3}$|^\d+$/.test(digits)) break
    c.at += separated.width
    digits += separated.digits
  }
  const repeating = repeatAt(c, digits)
  if (repeating) return repeating
  if (isChr(peek(c), '_')) return baseNumber(c, digits)
  const value = decimalOf(digits)
  const mixed = digits.includes('.') ? undefined : mixedFraction(c, value)
  if (mixed) return { k: 'num', value: mixed }
  const scientific = exponentAt(c)
  if (scientific !== undefined) {
    const by =
      scientific < 0 ? rational(1n, power(10n, -scientific)) : rational(power(10n, scientific))
    return decimalNode(digits, multiplyRational(value, by), by)
  }
  return decimalNode(digits, value, rational(1n))
}

/** `{,}ddd`, `\,ddd` or ` ddd` behind a numeral. */
function thousandsAt(c: Cursor): { digits: string; width: number } | undefined {
  const isGroup = (at: number) => {
    const token = peek(c, at)
    return token?.t === 'num' && /^\d{3}(?:\.\d+)?$/.test(token.s) ? token.s : undefined
  }
  if (isChr(peek(c), '{') && isChr(peek(c, 1), ',') && isChr(peek(c, 2), '}')) {
    const digits = isGroup(3)
    return digits ? { digits, width: 4 } : undefined
  }
  if (isCmd(peek(c), ',')) {
    const digits = isGroup(1)
    return digits ? { digits, width: 2 } : undefined
  }
  const spaced = peek(c)
  if (spaced?.t === 'num' && spaced.gap) {
    const digits = isGroup(0)
    return digits && !isChr(peek(c, 1), '/') ? { digits, width: 1 } : undefined
  }
  return undefined
}

export function decimalOf(digits: string): Rational {
  const [whole = '', fraction = ''] = digits.split('.')
  return rational(BigInt(`${whole}${fraction}` || '0'), power(10n, fraction.length))
}

function decimalNode(digits: string, value: Rational, unit: Rational): Node {
  const fraction = digits.split('.')[1]
  const significant = digits.replace('.', '').replace(/^0+/, '').length
  if (fraction === undefined || significant < 6) return { k: 'num', value }
  const slack = multiplyRational(unit, rational(1n, 2n * power(10n, fraction.length)))
  return { k: 'num', value, slack }
}

/** 0.\overline{3}, 0.1\dot{2}3\dot{4}, 0.(3). */
function repeatAt(c: Cursor, digits: string): Node | undefined {
  if (!digits.includes('.')) return undefined
  const token = peek(c)
  if (isCmd(token, 'overline', 'bar')) {
    const inner = digitsArgument(c, 1)
    if (!inner) return undefined
    c.at += inner.width + 1
    return repeating(digits, inner.digits)
  }
  if (isCmd(token, 'dot')) {
    const first = digitsArgument(c, 1)
    if (!first) return undefined
    c.at += first.width + 1
    const between = peek(c)
    if (between?.t === 'num' && isCmd(peek(c, 1), 'dot')) {
      const last = digitsArgument(c, 2)
      if (!last) return undecided('unparsable')
      c.at += last.width + 2
      return repeating(digits, first.digits + between.s + last.digits)
    }
    if (isCmd(between, 'dot')) {
      const last = digitsArgument(c, 1)
      if (!last) return undecided('unparsable')
      c.at += last.width + 1
      return repeating(digits, first.digits + last.digits)
    }
    return repeating(digits, first.digits)
  }
  const group = peek(c, 1)
  if (
    isChr(token, '(') &&
    !token?.gap &&
    group?.t === 'num' &&
    /^\d+$/.test(group.s) &&
    isChr(peek(c, 2), ')')
  ) {
    c.at += 3
    return repeating(digits, group.s)
  }
  if (isCmd(token, 'ldots', 'dots', 'cdots')) undecided('decimal with an ellipsis')
  return undefined
}

function digitsArgument(c: Cursor, ahead: number): { digits: string; width: number } | undefined {
  const first = peek(c, ahead)
  if (first?.t === 'num' && first.s.length === 1) return { digits: first.s, width: 1 }
  const inner = peek(c, ahead + 1)
  if (
    isChr(first, '{') &&
    inner?.t === 'num' &&
    /^\d+$/.test(inner.s) &&
    isChr(peek(c, ahead + 2), '}')
  )
    return { digits: inner.s, width: 3 }
  return undefined
}

function repeating(start: string, block: string): Node {
  const places = start.split('.')[1]?.length ?? 0
  const nines = power(10n, block.length) - 1n
  const tail = rational(BigInt(block), nines * power(10n, places))
  return { k: 'num', value: addRational(decimalOf(start), tail) }
}

/** `204_5` is 54. */
function baseNumber(c: Cursor, digits: string): Node {
  c.at++
  const base = digitsArgument(c, 0)
  const token = peek(c)
  if (base) c.at += base.width
  else if (token?.t === 'num' && /^\d+$/.test(token.s)) c.at++
  else undecided('subscript of a number')
  return baseValue(digits, Number(base?.digits ?? token?.s))
}

export function baseValue(digits: string, base: number): Node {
  if (!(base >= 2 && base <= 36) || digits.includes('.')) undecided('subscript of a number')
  let value = 0n
  for (const digit of digits.toLowerCase()) {
    const worth = Number.parseInt(digit, 36)
    if (!(worth < base)) undecided('digit outside of its base')
    value = value * BigInt(base) + BigInt(worth)
  }
  return { k: 'num', value: rational(value) }
}

/** 1\frac{1}{2} and `1 1/2`. */
function mixedFraction(c: Cursor, whole: Rational): Rational | undefined {
  const token = peek(c)
  if (isCmd(token, 'frac', 'dfrac', 'tfrac', 'cfrac')) {
    const parts = plainFraction(c)
    if (!parts) return undefined
    if (parts.n >= parts.d || parts.n === 0n) undecided('mixed number or product')
    c.at += parts.width
    return addRational(whole, rational(parts.n, parts.d))
  }
  const slash = peek(c, 1)
  const bottom = peek(c, 2)
  if (
    token?.t === 'num' &&
    token.gap &&
    isChr(slash, '/') &&
    bottom?.t === 'num' &&
    /^\d+$/.test(token.s + bottom.s)
  ) {
    const n = BigInt(token.s)
    const d = BigInt(bottom.s)
    if (n >= d || n === 0n) undecided('mixed number or product')
    c.at += 3
    return addRational(whole, rational(n, d))
  }
  return undefined
}

function plainFraction(c: Cursor): { n: bigint; d: bigint; width: number } | undefined {
  const digits = peek(c, 1)
  if (digits?.t === 'num' && /^\d\d$/.test(digits.s))
    return { n: BigInt(digits.s[0] ?? 0), d: BigInt(digits.s[1] ?? 0), width: 2 }
  const top = digitsArgument(c, 1)
  const bottom = top && digitsArgument(c, 1 + top.width)
  if (!top || !bottom) return undefined
  return { n: BigInt(top.digits), d: BigInt(bottom.digits), width: 1 + top.width + bottom.width }
}

/** `e3`, `E-3` directly behind a numeral. */
function exponentAt(c: Cursor): number | undefined {
  const letter = peek(c)
  if (letter?.t !== 'chr' || letter.gap || (letter.s !== 'e' && letter.s !== 'E')) return undefined
  const sign = peek(c, 1)
  const signed = isChr(sign, '-') || isChr(sign, '+')
  const digits = peek(c, signed ? 2 : 1)
  if (digits?.t !== 'num' || digits.gap || !/^\d{1,5}$/.test(digits.s)) return undefined
  c.at += signed ? 3 : 2
  return isChr(sign, '-') ? -Number(digits.s) : Number(digits.s)
}

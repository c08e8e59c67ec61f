import { rational } from '#server/answers/exact/rational.ts'
import { undecided } from '#server/answers/work.ts'
import { type Cursor, isChr, isCmd, nested, next, peek, take, takeCmd } from './cursor.ts'
import type { Node } from './node.ts'
import { parseBracket } from './parse-bracket.ts'

export const functions = new Set([
  'sin',
  'cos',
  'tan',
  'cot',
  'sec',
  'csc',
  'sinh',
  'cosh',
  'tanh',
  'coth',
  'sech',
  'csch',
  'arcsin',
  'arccos',
  'arctan',
  'arsinh',
  'arcosh',
  'artanh',
  'ln',
  'log',
  'lg',
  'exp',
  'sgn',
  'Re',
  'Im',
  'abs',
  'floor',
  'ceil',
  'cbrt',
])
export const several = new Set(['gcd', 'lcm', 'max', 'min'])
const inverses: Record<string, string> = {
  sin: 'arcsin',
  cos: 'arccos',
  tan: 'arctan',
  sinh: 'arsinh',
  cosh: 'arcosh',
  tanh: 'artanh',
}
/** sin x, \sin^2 x, \log_2 8, \sin^{-1} x, f(x). */
export function functionAt(c: Cursor, name: string): Node {
  let base: Node | undefined
  let power: Node | undefined
  for (;;) {
    if (isChr(peek(c), '_')) {
      c.at++
      base = c.grammar.argument(c)
    } else if (isChr(peek(c), '^')) {
      c.at++
      power = isChr(peek(c), '-') ? signedArgument(c) : c.grammar.argument(c)
    } else break
  }
  const args = [functionArgument(c)]
  let call = callNode(name, args, base)
  if (!power) return call
  if (power.k === 'neg' && power.a.k === 'num' && power.a.value.n === power.a.value.d) {
    const inverse = inverses[name] ?? undecided('inverse or reciprocal')
    return { k: 'call', name: inverse, args }
  }
  call = { k: 'pow', a: call, b: power }
  return call
}

function signedArgument(c: Cursor): Node {
  c.at++
  return { k: 'neg', a: c.grammar.argument(c) }
}

function callNode(name: string, args: Node[], base: Node | undefined): Node {
  const [first] = args
  if (name === 'lg')
    return { k: 'call', name: 'log', args: [...args, { k: 'num', value: rational(10n) }] }
  if (name === 'cbrt' && first) return { k: 'root', degree: 3, a: first }
  if (name !== 'log' && base) undecided('subscript of a function')
  return { k: 'call', name, args: base ? [...args, base] : args }
}

/** Brackets, or a product of plain factors: \sin 2x \cos x is (sin 2x)(cos x). */
function functionArgument(c: Cursor): Node {
  return nested(c, () => {
    const token = peek(c)
    if (isChr(token, '(') || isChr(token, '[')) return parseBracket(c)
    if (isChr(token, '-')) {
      c.at++
      return { k: 'neg', a: functionArgument(c) }
    }
    const factors: Node[] = [c.grammar.factor(c)]
    for (;;) {
      const following = peek(c)
      const plain =
        following?.t === 'num' ||
        (following?.t === 'chr' && /^[a-zA-Z{]$/.test(following.s)) ||
        isCmd(
          following,
          'pi',
          'theta',
          'alpha',
          'beta',
          'gamma',
          'phi',
          'omega',
          'lambda',
          'frac',
          'dfrac',
          'tfrac',
          'sqrt',
          'varphi',
          'mu',
        )
      if (!plain) break
      factors.push(c.grammar.factor(c))
    }
    // A slash or brackets behind an argument without brackets are read in both ways.
    if (isChr(peek(c), '/') || (isChr(peek(c), '(') && factors.length > 0))
      undecided('argument of a function')
    const [only] = factors
    return factors.length === 1 && only ? only : { k: 'mul', args: factors }
  })
}

export function severalAt(c: Cursor, name: string): Node {
  if (isChr(peek(c), '_')) undecided('maximum over a set')
  return callOf(c, name)
}

export function callOf(c: Cursor, name: string): Node {
  const braced = takeCmd(c, '{', 'lbrace')
  if (!braced && !take(c, '(')) undecided('unparsable')
  const inner = c.grammar.statements(c, (token) =>
    braced ? isCmd(token, '}', 'rbrace') : isChr(token, ')'),
  )
  next(c)
  const args = inner.k === 'list' ? inner.items : [inner]
  return { k: 'call', name, args }
}

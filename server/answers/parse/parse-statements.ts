import { type Rational, rational } from '#server/answers/exact/rational.ts'
import { undecided } from '#server/answers/work.ts'
import { type Cursor, isChr, isCmd, nested, next, peek, take } from './cursor.ts'
import type { Node } from './node.ts'
import type { Token } from './token.ts'

const relations: Record<string, string> = {
  '=': '=',
  '<': '<',
  '>': '>',
  le: '<=',
  leq: '<=',
  leqslant: '<=',
  ge: '>=',
  geq: '>=',
  geqslant: '>=',
  lt: '<',
  gt: '>',
  ne: '!=',
  neq: '!=',
  in: 'in',
  'word:in': 'in',
  notin: 'notin',
  equiv: 'mod',
  cong: '~',
  sim: '~',
  subset: 'subset',
  subseteq: 'subset',
  approx: '~',
  to: 'to',
  mapsto: 'to',
  rightarrow: 'to',
}

type Joint = ',' | ';' | 'or' | 'and' | 'where'

/** What commas, semicolons, "or", "and" separate, up to an end that is not taken. */
export function parseStatements(c: Cursor, isEnd: (token: Token) => boolean): Node {
  return nested(c, () => {
    const items: Node[] = []
    const joints: Joint[] = []
    const raw: Token[][] = []
    for (;;) {
      const start = c.at
      items.push(parseRelation(c))
      raw.push(c.tokens.slice(start, c.at))
      const token = peek(c)
      if (!token || isEnd(token)) break
      const joint = jointAt(c)
      if (!joint) undecided(token.t === 'txt' ? 'text changes the meaning' : 'unparsable')
      // A comma before "and", "or" or the end says nothing more.
      const following = peek(c)
      const second = joint === ',' && following ? jointAt(c) : undefined
      joints.push(second ?? joint)
      const last = peek(c)
      if (!last || isEnd(last)) {
        joints.pop()
        break
      }
    }
    return joined(items, joints, raw)
  })
}

function jointAt(c: Cursor): Joint | undefined {
  const token = peek(c)
  const joint = jointOf(token)
  if (joint) c.at++
  return joint
}

function jointOf(token: Token | undefined): Joint | undefined {
  if (isChr(token, ',')) return ','
  if (isChr(token, ';')) return ';'
  if (isCmd(token, 'or', 'lor', 'vee')) return 'or'
  if (isCmd(token, 'and', 'land', 'wedge')) return 'and'
  if (token?.t !== 'txt') return undefined
  const word = token.s
    .toLowerCase()
    .replace(/^[,;]\s*|\s*[,;]$/g, '')
    .trim()
  if (/^(?:or|或|或者)$/.test(word)) return 'or'
  if (/^(?:and|和|且|及|与|以及)$/.test(word)) return 'and'
  if (
    /^(?:where|for|with|for any|for all|for some|for every|for integers?|for any integer|for all integers|for some integer|其中|当)$/.test(
      word,
    )
  )
    return 'where'
  return undefined
}

function joined(items: Node[], joints: Joint[], raw: Token[][]): Node {
  const [first] = items
  if (!first) return undecided('unparsable')
  if (items.length === 1) return first
  if (joints.every((joint) => joint === 'or')) return { k: 'or', args: items }
  const isRelation = (node: Node) => node.k === 'rel' || node.k === 'mod'
  if (joints.includes('or')) {
    if (joints.every((joint) => joint === 'or' || joint === ',')) {
      if (items.every(isRelation) || !items.some(isRelation)) return { k: 'or', args: items }
      return undecided('and beside or')
    }
    return undecided('and beside or')
  }
  if (joints.includes('and') && items.every(isRelation)) return { k: 'and', args: items }
  const thousands = joints.every((joint) => joint === ',') ? thousandsOf(raw) : undefined
  return thousands ? { k: 'list', items, thousands } : { k: 'list', items }
}

/** `1,234` and `12,345.5`, without a space: one number, or a list. */
function thousandsOf(raw: Token[][]): Rational | undefined {
  let digits = ''
  for (const [at, part] of raw.entries()) {
    const [token, ...more] = part
    const signed = at === 0 && isChr(token, '-') ? part[1] : token
    if (signed?.t !== 'num' || more.length > (signed === token ? 0 : 1)) return undefined
    const isLast = at === raw.length - 1
    const pattern = at === 0 ? /^[1-9]\d{0,2}$/ : isLast ? /^\d{3}(?:\.\d+)?$/ : /^\d{3}$/
    if (!pattern.test(signed.s) || (at > 0 && signed.gap)) return undefined
    digits += signed.s
  }
  const [whole = '', fraction = ''] = digits.split('.')
  const value = rational(BigInt(whole + fraction), 10n ** BigInt(fraction.length))
  return isChr(raw[0]?.[0], '-') ? rational(-value.n, value.d) : value
}

/** a, a = b, a < b ≤ c, a ≡ b (mod m), with what follows it in brackets. */
export function parseRelation(c: Cursor): Node {
  const args: Node[] = [c.grammar.expression(c)]
  const ops: string[] = []
  for (;;) {
    const token = peek(c)
    let op =
      token && token.t !== 'txt' && token.t !== 'num' && Object.hasOwn(relations, token.s)
        ? relations[token.s]
        : undefined
    if (isCmd(token, 'not') && peek(c, 1)) {
      const after = peek(c, 1)
      if (isChr(after, '=')) op = '!='
      if (isCmd(after, 'in')) op = 'notin'
      if (op) c.at++
    }
    if (token?.t === 'txt' && /^(?:is|equals|为|是|等于)$/i.test(token.s)) op = '='
    if (!op) break
    if (op === '~') undecided('approximate value')
    c.at++
    if (op === 'mod') return congruence(c, args[0] ?? undecided('unparsable'))
    ops.push(op)
    take(c, '&')
    args.push(c.grammar.expression(c))
  }
  const [only] = args
  const node: Node = ops.length === 0 && only ? only : { k: 'rel', ops, args }
  return withModulus(c, node)
}

function congruence(c: Cursor, left: Node): Node {
  const right = c.grammar.expression(c)
  const node = withModulus(c, { k: 'rel', ops: ['mod'], args: [left, right] })
  return node.k === 'mod' ? node : undecided('congruence without a modulus')
}

/** \pmod{7}, (\bmod 7), (mod 7). */
function withModulus(c: Cursor, node: Node): Node {
  const token = peek(c)
  if (isCmd(token, 'pmod', 'mod')) {
    c.at++
    return { k: 'mod', a: node, modulus: c.grammar.argument(c) }
  }
  const inner = peek(c, 1)
  if (
    isChr(token, '(') &&
    (isCmd(inner, 'bmod', 'mod') || (inner?.t === 'txt' && inner.s === 'mod'))
  ) {
    c.at += 2
    const modulus = c.grammar.expression(c)
    if (!isChr(next(c), ')')) undecided('unparsable')
    return { k: 'mod', a: node, modulus }
  }
  return node
}

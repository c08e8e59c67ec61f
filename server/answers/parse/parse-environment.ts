import { undecided } from '#server/answers/work.ts'
import {
  type Cursor,
  expectChr,
  freshBars,
  isChr,
  isCmd,
  next,
  peek,
  take,
  takeCmd,
} from './cursor.ts'
import type { Node } from './node.ts'
import type { Token } from './token.ts'

const matrices = new Set([
  'matrix',
  'pmatrix',
  'bmatrix',
  'Bmatrix',
  'smallmatrix',
  'vmatrix',
  'Vmatrix',
  'array',
  'psmallmatrix',
  'bsmallmatrix',
])
const systems = new Set([
  'aligned',
  'align',
  'align*',
  'alignedat',
  'gathered',
  'gather',
  'split',
  'equation',
  'equation*',
])
const cellsMax = 400

/** \begin{…} … \end{…}: matrices, cases and systems of relations. */
export function parseEnvironment(c: Cursor): Node {
  const name = environmentName(c)
  if (name === 'array' || name === 'alignedat') skipGroup(c)
  if (systems.has(name)) dropColumns(c)
  const rows = freshBars(c, () => rowsOf(c))
  const end = environmentName(c)
  if (end !== name) undecided('unparsable')
  if (matrices.has(name)) {
    const width = rows[0]?.length ?? 0
    if (rows.some((row) => row.length !== width)) undecided('rows of a matrix')
    if (name === 'Vmatrix' || name === 'Bmatrix') undecided('norm of a matrix')
    return { k: 'matrix', rows, det: name === 'vmatrix' }
  }
  if (name === 'cases' || name === 'dcases' || name === 'rcases') return { k: 'cases', rows }
  if (systems.has(name))
    return {
      k: 'and',
      args: rows.map((row) => (row.length === 1 && row[0] ? row[0] : undecided('aligned formula'))),
    }
  return undecided('unknown environment')
}

function rowsOf(c: Cursor): Node[][] {
  const rows: Node[][] = []
  let row: Node[] = []
  let cells = 0
  const isEnd = (token: Token) => isChr(token, '&') || isCmd(token, '\\', 'end', 'cr')
  for (;;) {
    while (takeCmd(c, 'hline'));
    const token = peek(c) ?? undecided('unparsable')
    if (!isEnd(token)) row.push(c.grammar.statements(c, isEnd))
    if (++cells > cellsMax) undecided('too much work')
    const sign = next(c)
    if (isChr(sign, '&')) continue
    if (row.length > 0) rows.push(row)
    row = []
    if (isCmd(sign, 'end')) return rows
    if (isChr(peek(c), '[') && peek(c, 1)?.t === 'num') {
      while (!take(c, ']')) next(c)
    }
  }
}

function environmentName(c: Cursor): string {
  expectChr(c, '{')
  let name = ''
  while (!isChr(peek(c), '}')) {
    name += next(c).s
    if (name.length > 20) undecided('unparsable')
  }
  expectChr(c, '}')
  return name
}

function skipGroup(c: Cursor): void {
  if (!take(c, '{')) return
  while (!take(c, '}')) next(c)
}

/** The columns of aligned formulas only place them. */
function dropColumns(c: Cursor): void {
  let end = c.at
  while (end < c.tokens.length && !isCmd(c.tokens[end], 'end')) end++
  const kept = c.tokens.slice(c.at, end).filter((token) => !isChr(token, '&'))
  c.tokens.splice(c.at, end - c.at, ...kept)
}

import Fraction from 'fraction.js'
import { exactValue } from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  binary,
  type Expression,
  named,
  number,
} from '#server/lab/demo-engine/algebra/expression.ts'
import { linearFormOf } from '#server/lab/demo-engine/algebra/polynomial.ts'
import { expressionTex, fractionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'
import { type Equation, equationTex } from './solve-equation.ts'

const unknownsMax = 8
const zero = new Fraction(0)

/** A row of the augmented matrix: coefficients in the order of the unknowns, then the right side. */
type Row = Fraction[]

/** Linear systems by Gauss's elimination with exact numbers. */
export function solveSystem(equations: Equation[], style: Style): Solution {
  const forms = equations.map(({ left, right }) => linearFormOf(binary('-', left, right)))
  const unknowns = [
    ...new Set(forms.flatMap((form) => Object.keys(form?.coefficients ?? {}))),
  ].sort()
  if (unknowns.length > unknownsMax || equations.length > 2 * unknownsMax)
    throw new CannotSolve(`I solve systems of at most ${unknownsMax} unknowns.`)
  const rows = forms.map((form): Row => {
    if (!form) throw new CannotSolve('I solve systems of linear equations only.')
    return [...unknowns.map((name) => form.coefficients[name] ?? zero), form.constant.neg()]
  })
  const { steps, pivots, reduced } = eliminated(rows, unknowns, style)
  const shown = systemTex(equations.map(equationTex))
  const base = {
    task: `solve the system $$${shown}$$ for $${unknowns.join(', ')}$`,
    thinking: [
      `As rows of an augmented matrix: $$${matrixTex(rows)}$$`,
      ...steps,
      `Reduced: $$${matrixTex(reduced)}$$`,
    ],
  }
  const contradiction = reduced.find((row) => row.slice(0, -1).every(isZero) && !isZero(row.at(-1)))
  if (contradiction) {
    const line = `One row says $0 = ${fractionTex(contradiction.at(-1) ?? zero)}$, which is false: there is no solution.`
    return { ...base, check: [line], answer: [line], boxed: '\\text{no solution}' }
  }
  const values = Object.fromEntries(
    pivots.map(({ row, column }) => [
      unknowns[column] ?? '',
      solvedFor(reduced[row], column, unknowns),
    ]),
  )
  const result = unknowns
    .filter((name) => values[name])
    .map((name) => `${name} = ${expressionTex(values[name] ?? named(name))}`)
  const free = unknowns.filter((name) => !values[name])
  const freely = free.length ? `${free.join(', ')} \\in \\mathbb{R} \\text{ free}` : ''
  return {
    ...base,
    check: equations.map((equation) => checked(equation, unknowns, values)),
    answer: [
      'Elimination, row by row:',
      ...steps,
      `Reading off the rows: $$${[...result, ...(freely ? [freely] : [])].join(', \\quad ')}$$`,
    ],
    boxed: [...result, ...(freely ? [freely] : [])].join(',\\; '),
  }
}

function isZero(value: Fraction | undefined): boolean {
  return !value || value.n === 0n
}

function eliminated(rows: Row[], unknowns: string[], style: Style) {
  const reduced = rows.map((row) => [...row])
  const steps: string[] = []
  const pivots: { row: number; column: number }[] = []
  const lowest = style.method % 2 === 0
  for (const [column, name] of unknowns.entries()) {
    const at = pivots.length
    const candidates = reduced
      .map((_, i) => i)
      .filter((i) => i >= at && !isZero(reduced[i]?.[column]))
    const chosen = lowest ? candidates[0] : candidates.at(-1)
    const [pivotRow, top] = [chosen === undefined ? undefined : reduced[chosen], reduced[at]]
    if (chosen === undefined || !pivotRow || !top) continue
    reduced[chosen] = top
    const divisor = pivotRow[column] ?? zero
    const unit = pivotRow.map((value) => value.div(divisor))
    reduced[at] = unit
    const swap = chosen === at ? '' : ` (after exchanging rows ${at + 1} and ${chosen + 1})`
    const scale = divisor.equals(1)
      ? ''
      : ` Dividing row ${at + 1} by $${fractionTex(divisor)}$ makes the pivot $1$.`
    const cleared: string[] = []
    for (const [i, row] of reduced.entries()) {
      const factor = row[column] ?? zero
      if (i === at || isZero(factor)) continue
      reduced[i] = row.map((value, j) => value.sub(factor.mul(unit[j] ?? zero)))
      cleared.push(
        `$R_{${i + 1}} \\leftarrow R_{${i + 1}} - \\left(${fractionTex(factor)}\\right) R_{${at + 1}}$`,
      )
    }
    pivots.push({ row: at, column })
    steps.push(
      `For $${name}$ I use row ${at + 1}${swap}.${scale}${cleared.length ? ` Then ${cleared.join(', ')}.` : ''}`,
    )
  }
  return { steps, pivots, reduced }
}

/** The pivot's unknown in terms of the free ones. */
function solvedFor(row: Row | undefined, pivot: number, unknowns: string[]): Expression {
  let sum: Expression = number(row?.at(-1) ?? zero)
  for (const [column, name] of unknowns.entries()) {
    const coefficient = row?.[column]
    if (column === pivot || !coefficient || isZero(coefficient)) continue
    const size = coefficient.abs()
    const term = size.equals(1) ? named(name) : binary('*', number(size), named(name))
    sum = binary(coefficient.s > 0n ? '-' : '+', sum, term)
  }
  return sum
}

function checked(
  equation: Equation,
  unknowns: string[],
  values: Record<string, Expression>,
): string {
  const free = Object.fromEntries(
    unknowns.filter((name) => !values[name]).map((name, i) => [name, new Fraction(i + 1)]),
  )
  const at: Record<string, Fraction> = { ...free }
  for (const [name, value] of Object.entries(values)) at[name] = exactValue(value, free) ?? zero
  const [left, right] = [exactValue(equation.left, at), exactValue(equation.right, at)]
  if (!left || !right || !left.equals(right))
    throw new CannotSolve('My check by substitution failed, so I give no answer.')
  const where = Object.keys(free).length
    ? ` (with ${Object.entries(free)
        .map(([name, value]) => `$${name} = ${fractionTex(value)}$`)
        .join(', ')})`
    : ''
  return `In $${equationTex(equation)}$ the left side becomes $${fractionTex(left)}$ and the right side $${fractionTex(right)}$${where}.`
}

function systemTex(lines: string[]): string {
  return `\\begin{cases} ${lines.join(' \\\\ ')} \\end{cases}`
}

function matrixTex(rows: Row[]): string {
  const width = (rows[0]?.length ?? 1) - 1
  const body = rows.map((row) => row.map(fractionTex).join(' & ')).join(' \\\\ ')
  return `\\left(\\begin{array}{${'r'.repeat(width)}|r} ${body} \\end{array}\\right)`
}

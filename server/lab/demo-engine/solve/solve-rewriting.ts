import {
  askAlgebra,
  compareAt,
  functionOf,
  tidied,
} from '#server/lab/demo-engine/algebra/calculus.ts'
import { type Expression, variablesOf } from '#server/lab/demo-engine/algebra/expression.ts'
import { polynomialExpression, polynomialOf } from '#server/lab/demo-engine/algebra/polynomial.ts'
import { expressionInfix, expressionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution } from './solution.ts'
import { factorised } from './solve-polynomial.ts'

const sentences = {
  factor: 'A product says more than a sum: I look for factors over the rationals.',
  expand: 'I multiply out and collect equal powers.',
  simplify: 'I cancel common factors and collect terms.',
}

/** Factor, expand or simplify an expression; old and new are compared at several points. */
export function solveRewriting(kind: keyof typeof sentences, expression: Expression): Solution {
  const tex = expressionTex(expression)
  const variable = variablesOf(expression)[0] ?? 'x'
  const polynomial =
    variablesOf(expression).length === 1 ? polynomialOf(expression, variable) : undefined
  let result: string
  let rewritten = expression
  if (kind === 'factor' && polynomial && polynomial.length > 1) {
    result = factorised(polynomial, variable).written
  } else {
    const found =
      kind !== 'factor' && polynomial
        ? polynomialExpression(polynomial, variable)
        : askAlgebra(`${kind}(${expressionInfix(expression)})`)
    if (!found) throw new CannotSolve(`I could not ${kind} $${tex}$.`)
    rewritten = kind === 'factor' ? found : tidied(found, variable)
    result = expressionTex(rewritten)
  }
  const rows = compareAt(functionOf(expression, variable), functionOf(rewritten, variable), 1e-8)
  if (!rows) throw new CannotSolve('My check at several points failed, so I give no answer.')
  return {
    task: `${kind} $${tex}$`,
    thinking: [sentences[kind], `That gives $$${tex} = ${result}.$$`],
    check: rows.map(
      ({ at, left, right }) =>
        `At $${variable} = ${at}$: before $${left.toPrecision(8)}$, after $${right.toPrecision(8)}$.`,
    ),
    answer: [sentences[kind], `$$${tex} = ${result}$$`],
    boxed: result,
  }
}

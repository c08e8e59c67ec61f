import { type Problem, parseProblem } from '#server/lab/demo-engine/read/parse-problem.ts'
import { leftOut } from '#server/lab/demo-engine/read/whole-message.ts'
import { CannotSolve } from '#server/lab/demo-engine/solve/cannot-solve.ts'
import { type Solution, type Style, styleOf } from '#server/lab/demo-engine/solve/solution.ts'
import { solveArithmetic } from '#server/lab/demo-engine/solve/solve-arithmetic.ts'
import { solvePercent, solveSelection } from '#server/lab/demo-engine/solve/solve-counting.ts'
import { solveDerivative } from '#server/lab/demo-engine/solve/solve-derivative.ts'
import { solveEquation } from '#server/lab/demo-engine/solve/solve-equation.ts'
import {
  solveCommon,
  solveFactorisation,
  solveModularPower,
  solvePrimality,
} from '#server/lab/demo-engine/solve/solve-integers.ts'
import { solveIntegral } from '#server/lab/demo-engine/solve/solve-integral.ts'
import { solveRewriting } from '#server/lab/demo-engine/solve/solve-rewriting.ts'
import { solveSum } from '#server/lab/demo-engine/solve/solve-sum.ts'
import { solveSystem } from '#server/lab/demo-engine/solve/solve-system.ts'
import { listPrimes, proofOfSteps } from './long-answers.ts'
import { type Answer, introduce, narrate } from './narrate.ts'
import { programFor } from './programs.ts'

const promptMax = 20_000

/** The answer to one message; the same message, seed and sample give the same answer. */
export function answerPrompt(message: string, seed: number, sample = 0): Answer {
  const style = styleOf(seed, sample)
  if (message.length > promptMax)
    return introduce('That message is too long for me to find a problem in it.')
  try {
    const solution = solutionOf(message, style)
    return solution
      ? narrate(solution, style)
      : introduce('I find nothing here that I can compute.')
  } catch (error) {
    const reason =
      error instanceof CannotSolve ? error.message : 'My algebra gave up on this problem.'
    return introduce(reason.replaceAll(/[<>]/g, ' '))
  }
}

function solutionOf(message: string, style: Style): Solution | undefined {
  const program = programFor(message)
  if (program) return program
  const problem = parseProblem(message)
  if (!problem) return undefined
  const why = leftOut(message, problem)
  if (why) throw new CannotSolve(why)
  return solve(problem, style)
}

function solve(problem: Problem, style: Style): Solution {
  switch (problem.kind) {
    case 'arithmetic':
      return solveArithmetic(problem.expression, style)
    case 'equation':
      return solveEquation(problem.equation, problem.variable, style)
    case 'system':
      return solveSystem(problem.equations, style)
    case 'derivative':
      return solveDerivative(problem.expression, problem.variable, problem.order, style)
    case 'integral':
      return solveIntegral(problem.expression, problem.variable, problem.bounds)
    case 'rewriting':
      return solveRewriting(problem.how, problem.expression)
    case 'sum':
      return solveSum(problem.sum, style)
    case 'primality':
      return solvePrimality(problem.n, style)
    case 'factorisation':
      return solveFactorisation(problem.n)
    case 'gcd':
    case 'lcm':
      return solveCommon(problem.kind, problem.values, style)
    case 'modular':
      return solveModularPower(problem.base, problem.exponent, problem.modulus)
    case 'choose':
    case 'arrange':
      return solveSelection(problem.kind, problem.n, problem.k)
    case 'percent':
      return solvePercent(problem.percent)
    case 'primes':
      return listPrimes(problem.count)
    case 'proof':
      return proofOfSteps(problem.steps)
  }
}

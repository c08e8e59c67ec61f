import type Fraction from 'fraction.js'
import type { Expression } from './expression.ts'

const latexNames: Record<string, string> = { infinity: '\\infty', log10: '\\log_{10}', log: '\\ln' }
const latexFunctions = new Set('sin cos tan sec csc cot sinh cosh tanh log log10'.split(' '))

/** LaTeX of an exact number, signs in front of fractions. */
export function fractionTex(value: Fraction): string {
  const sign = value.s < 0n ? '-' : ''
  return value.d === 1n ? `${sign}${value.n}` : `${sign}\\frac{${value.n}}{${value.d}}`
}

/** How tightly the outermost operation binds: sums 1, products 2, signs 3, powers 4, atoms 5. */
function bindingOf(expression: Expression): number {
  switch (expression.kind) {
    case 'number':
      return expression.value.s < 0n ? 1 : expression.value.d === 1n ? 5 : 4
    case 'negate':
      return 1
    case 'binary':
      if (expression.op === '+' || expression.op === '-') return 1
      if (expression.op === '*') return 2
      return expression.op === '/' ? 3 : 4
    default:
      return 5
  }
}

function wrapped(expression: Expression, least: number): string {
  const tex = expressionTex(expression)
  return bindingOf(expression) < least ? `\\left(${tex}\\right)` : tex
}

/** LaTeX as one would write it by hand: 2x, not 2\cdot x; fractions; no needless parentheses. */
export function expressionTex(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return fractionTex(expression.value)
    case 'symbol':
      if (expression.name.length === 1) return expression.name
      return latexNames[expression.name] ?? `\\${expression.name}`
    case 'negate':
      return `-${wrapped(expression.of, 2)}`
    case 'factorial':
      return `${wrapped(expression.of, 5)}!`
    case 'call':
      return callTex(expression.name, expression.of)
    case 'binary':
      return binaryTex(expression)
  }
}

function callTex(name: string, of: Expression): string {
  if (name === 'sqrt') return `\\sqrt{${expressionTex(of)}}`
  if (name === 'abs') return `\\left|${expressionTex(of)}\\right|`
  if (name === 'exp') return `e^{${expressionTex(of)}}`
  const tex = latexNames[name] ?? (latexFunctions.has(name) ? `\\${name}` : arcTex(name))
  return `${tex}\\left(${expressionTex(of)}\\right)`
}

function arcTex(name: string): string {
  return name.startsWith('a') ? `\\arc${name.slice(1)}` : `\\operatorname{${name}}`
}

function binaryTex(expression: Extract<Expression, { kind: 'binary' }>): string {
  const { op, left, right } = expression
  switch (op) {
    case '+':
      return `${expressionTex(left)} + ${wrapped(right, isNegative(right) ? 2 : 1)}`
    case '-':
      return `${expressionTex(left)} - ${wrapped(right, 2)}`
    case '*': {
      const first = wrapped(left, 2)
      const second = wrapped(right, 2)
      // Two numbers side by side would read as one.
      if (/^(\d|\\frac)/.test(second)) return `${first} \\cdot ${second}`
      const apart = /[a-z]$/i.test(first) && /^[a-z]/i.test(second)
      return `${first}${apart ? ' ' : ''}${second}`
    }
    case '/':
      return `\\frac{${expressionTex(left)}}{${expressionTex(right)}}`
    case '^': {
      if (left.kind === 'call' && latexFunctions.has(left.name) && right.kind === 'number') {
        const tex = latexNames[left.name] ?? `\\${left.name}`
        if (right.value.s > 0n && right.value.d === 1n && left.name !== 'log10')
          return `${tex}^{${fractionTex(right.value)}}\\left(${expressionTex(left.of)}\\right)`
      }
      const base = left.kind === 'number' && left.value.d === 1n && left.value.s >= 0n ? 5 : 6
      const plain = left.kind === 'symbol' || bindingOf(left) >= base
      const tex = expressionTex(left)
      return `${plain ? tex : `\\left(${tex}\\right)`}^{${expressionTex(right)}}`
    }
  }
}

function isNegative(expression: Expression): boolean {
  return expression.kind === 'negate' || (expression.kind === 'number' && expression.value.s < 0n)
}

/** Infix text with every parenthesis written, as the algebra library reads it. */
export function expressionInfix(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return `(${expression.value.toFraction()})`
    case 'symbol':
      return expression.name
    case 'negate':
      return `(-${expressionInfix(expression.of)})`
    case 'factorial':
      return `factorial(${expressionInfix(expression.of)})`
    case 'call':
      return `${expression.name}(${expressionInfix(expression.of)})`
    case 'binary':
      return `(${expressionInfix(expression.left)}${expression.op}${expressionInfix(expression.right)})`
  }
}

import type { Environment, EvaluationError, ParseResult } from '@marcbachmann/cel-js'
import type { CelType } from './cel-types.ts'

/** What the library's three error classes share. */
type CelError = Pick<EvaluationError, 'code' | 'summary' | 'range'> & { name: string }

export type Compiled = {
  run(variables: Record<string, unknown>): unknown
  usesOldSelf: boolean
}

/**
 * Compiles and type-checks one CEL expression.
 * @returns the program, or the API server's words for what is wrong with it
 */
export function compileExpression(
  env: Environment,
  types: CelType[],
  source: string,
  wanted: 'bool' | 'string',
): Compiled | { problem: string } {
  let program: ParseResult
  try {
    program = env.parse(source)
  } catch (error) {
    return { problem: `compilation failed: ${describe(error as CelError, source)}` }
  }
  const checked = program.check()
  if (checked.error) {
    return { problem: `compilation failed: ${describe(checked.error, source)}` }
  }
  const missing = unknownHasField(program.ast, types)
  if (missing) {
    const { name, end } = missing
    const at = end - name.length - 1
    return { problem: `compilation failed: ${located(`undefined field '${name}'`, source, at)}` }
  }
  if (checked.type !== wanted && checked.type !== 'dyn') {
    return {
      problem:
        wanted === 'bool'
          ? 'cel expression must evaluate to a bool'
          : 'messageExpression must evaluate to a string',
    }
  }
  return { run: program, usesOldSelf: mentions(program.ast, 'oldSelf') }
}

/** The words of cel-go for a run-time error, which are part of the API server's message. */
export function runtimeMessage(error: unknown): string {
  const summary =
    error instanceof Error && 'summary' in error ? String(error.summary) : String(error)
  return summary
    .replace(/^No such key: index out of bounds, index (-?\d+).*$/, 'index out of bounds: $1')
    .replace(/^No such key: /, 'no such key: ')
    .replace(/^Unknown variable: (.*)$/, 'no such attribute(s): $1')
}

function describe(error: CelError, source: string): string {
  const { code, summary } = error
  const start = error.range?.start ?? 0
  switch (code) {
    case 'no_such_key': {
      const name = summary.replace(/^No such key: /, '')
      return located(`undefined field '${name}'`, source, Math.max(0, start - 1))
    }
    case 'unknown_variable': {
      const name = summary.replace(/^Unknown variable: /, '')
      return located(`undeclared reference to '${name}' (in container '')`, source, start)
    }
    case 'no_such_overload': {
      const [, left, operator, right] = /^no such overload: (\S+) (\S+) (.+)$/.exec(summary) ?? []
      if (operator === undefined) return located(summary, source, start)
      const at = source.indexOf(` ${operator} `, start)
      const message = `found no matching overload for '_${operator}_' applied to '(${left}, ${right})'`
      return located(message, source, at < 0 ? start : at + 1)
    }
    default:
      return located(
        error.name === 'ParseError' ? `Syntax error: ${summary}` : summary,
        source,
        start,
      )
  }
}

/** cel-go's display of an error: where, what, and the source with a mark under it. */
function located(message: string, source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n')
  const column = before.at(-1)?.length ?? 0
  const line = source.split('\n')[before.length - 1] ?? ''
  const mark = `${'.'.repeat(column)}^`
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${mark}`
}

type Node = { op: string; args: unknown; end?: number; checkedType?: { name: string } }

/**
 * The library lets `has(self.typo)` pass and answers false; a real API server refuses the rule. So the arguments of
 * has() are followed through the declared types here.
 */
function unknownHasField(
  root: unknown,
  types: CelType[],
): { name: string; end: number } | undefined {
  for (const node of nodesOf(root)) {
    if (node.op !== 'call' || !Array.isArray(node.args) || node.args[0] !== 'has') continue
    const chain: Node[] = []
    let at = node.args[1]?.[0]
    while (isNode(at) && at.op === '.' && Array.isArray(at.args)) {
      chain.unshift(at)
      at = at.args[0]
    }
    let type = isNode(at) ? types.find((one) => one.name === at.checkedType?.name) : undefined
    for (const select of chain) {
      const name = Array.isArray(select.args) ? String(select.args[1]) : ''
      if (type?.fields && !Object.hasOwn(type.fields, name)) {
        return { name, end: select.end ?? 0 }
      }
      type = type?.fields ? type.fields[name] : type?.values
    }
  }
  return undefined
}

function mentions(root: unknown, name: string): boolean {
  for (const node of nodesOf(root)) if (node.op === 'id' && node.args === name) return true
  return false
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const one of value) yield* nodesOf(one)
  } else if (isNode(value)) {
    yield value
    yield* nodesOf(value.args)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

type Step =
  | { kind: 'name'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: string[]; operator: string; value: string | number | boolean }

const stepSyntax =
  /^(?:\.([A-Za-z_$][\w$-]*(?:\\\.[\w$-]+)*)|\[(-?\d+)\]|(?:\[\*\]|\.\*)|\['((?:[^'\\]|\\.)*)'\]|\[\?\(\s*@\.([\w.-]+)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false)\s*\)\])/

/**
 * The part of Kubernetes' JSONPath that printer columns and selectable fields use: names (`.a.b`, `['a.b']`,
 * `.a\.b`), indexes, `[*]`, and `[?(@.type=="Ready")]`.
 * @returns all values found, or undefined where the path itself cannot be read
 */
export function jsonPath(path: string): ((object: unknown) => unknown[]) | undefined {
  const steps = parseSteps(path.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, ''))
  if (!steps) return undefined
  return (object) =>
    steps.reduce<unknown[]>((values, step) => values.flatMap((one) => take(one, step)), [object])
}

function parseSteps(path: string): Step[] | undefined {
  const steps: Step[] = []
  let rest = path
  while (rest !== '') {
    const match = stepSyntax.exec(rest)
    if (!match) return undefined
    steps.push(stepOf(match))
    rest = rest.slice(match[0].length)
  }
  return steps
}

function stepOf(match: RegExpExecArray): Step {
  const [, dotted, index, quoted, filterPath, operator = '', literal = ''] = match
  if (dotted !== undefined) return { kind: 'name', name: dotted.replaceAll('\\.', '.') }
  if (index !== undefined) return { kind: 'index', index: Number(index) }
  if (quoted !== undefined) return { kind: 'name', name: quoted.replaceAll(/\\(.)/g, '$1') }
  if (filterPath === undefined) return { kind: 'all' }
  const value = /^["']/.test(literal) ? literal.slice(1, -1) : JSON.parse(literal)
  return { kind: 'filter', path: filterPath.split('.'), operator, value }
}

function take(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case 'name':
      return field(value, step.name)
    case 'index':
      return Array.isArray(value) ? value.slice(step.index).slice(0, 1) : []
    case 'all':
      return typeof value === 'object' && value !== null ? Object.values(value) : []
    case 'filter':
      return Array.isArray(value) ? value.filter((one) => holds(one, step)) : []
  }
}

function field(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return []
  return [Reflect.get(value, name)]
}

function holds(item: unknown, step: Extract<Step, { kind: 'filter' }>): boolean {
  const [found] = step.path.reduce<unknown[]>(
    (values, name) => values.flatMap((one) => field(one, name)),
    [item],
  )
  if (found === undefined) return false
  switch (step.operator) {
    case '==':
      return found === step.value
    case '!=':
      return found !== step.value
    default:
      return compares(Number(found), step.operator, Number(step.value))
  }
}

function compares(a: number, operator: string, b: number): boolean {
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}

export type LabelSelector = {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** An empty selector matches everything, a missing one nothing. */
export function selectorMatches(
  selector: LabelSelector | undefined,
  labels: Record<string, string> = {},
): boolean {
  if (!selector) return false
  const equal = Object.entries(selector.matchLabels ?? {}).every(([k, v]) => labels[k] === v)
  return equal && (selector.matchExpressions ?? []).every((e) => expressionMatches(e, labels))
}

function expressionMatches(
  expression: { key: string; operator: string; values?: string[] },
  labels: Record<string, string>,
): boolean {
  const value = labels[expression.key]
  const listed = value !== undefined && (expression.values ?? []).includes(value)
  switch (expression.operator) {
    case 'In':
      return listed
    case 'NotIn':
      return !listed
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

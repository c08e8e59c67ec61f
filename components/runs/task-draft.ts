import type { Param, ParamSpec } from '#server/domain/task-run.ts'

/** The parameters as typed, by name: a list is one value per line, an object one `name=value` per line. */
export type TaskDraft = Record<string, string>

export function firstTaskDraft(specs: readonly ParamSpec[]): TaskDraft {
  return Object.fromEntries(specs.map((spec) => [spec.name, textOf(spec.default)]))
}

export function textOf(value: Param['value'] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.join('\n')
  return Object.entries(value)
    .map(([name, text]) => `${name}=${text}`)
    .join('\n')
}

export type TaskDraftProblem = 'missing' | 'badObject'

/** The parameters to send, or what is wrong with which of them. */
export function paramsOf(
  specs: readonly ParamSpec[],
  draft: TaskDraft,
): { params: Param[]; problems: Record<string, TaskDraftProblem> } {
  const params: Param[] = []
  const problems: Record<string, TaskDraftProblem> = {}
  for (const spec of specs) {
    const text = draft[spec.name] ?? ''
    const lines = text.split('\n').map((line) => line.trim())
    const filled = lines.filter(Boolean)
    if (spec.type === 'array') {
      params.push({ name: spec.name, value: filled })
    } else if (spec.type === 'object') {
      if (filled.some((line) => !/^[^=]+=/.test(line))) problems[spec.name] = 'badObject'
      const entries = filled.map((line) => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1)] as const
      })
      params.push({ name: spec.name, value: Object.fromEntries(entries) })
    } else {
      if (text.trim() === '' && spec.default === undefined) problems[spec.name] = 'missing'
      params.push({ name: spec.name, value: text })
    }
  }
  return { params, problems }
}

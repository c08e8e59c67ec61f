import { hasMask } from '#server/runs/model/redact-object.ts'
import type { StartRunBody, WorkspaceChoice } from '#server/runs/model/start-run-schema.ts'
import type { Param, ParamSpec } from '#server/runs/model/task-run.ts'
import { workspaceKindNames } from '#server/runs/model/workspace-kinds.ts'

/** What was filled in: parameters as they are typed, a list with one value per line, an object with `name=value` lines. */
export type TaskDraft = {
  params: Record<string, string>
  workspaces: Record<string, WorkspaceDraft>
  why: string
  /** Parameters whose earlier value is a secret that is not shown: they are asked for anew. */
  hidden: string[]
}

export type WorkspaceDraft = { kind: WorkspaceChoice['kind'] | ''; name: string }

type Declared = { name: string; optional: boolean; own?: boolean }

/** The Task's own values, or those of an earlier run that is to be edited. */
export function firstTaskDraft(
  specs: readonly ParamSpec[],
  workspaces: readonly Declared[],
  earlier?: {
    params: readonly Param[]
    workspaces: readonly { name: string; kind: string; source?: string }[]
    why: string
  },
): TaskDraft {
  const given = new Map(earlier?.params.map(({ name, value }) => [name, value]))
  return {
    // What stands in the place of a secret is no value; a default that is one is the Task's to put in.
    params: Object.fromEntries(
      specs.map((spec) => [spec.name, shownText(given.get(spec.name) ?? spec.default)]),
    ),
    hidden: specs.flatMap(({ name }) => (hasMask(given.get(name)) ? name : [])),
    workspaces: Object.fromEntries(
      workspaces.map(({ name, optional, own }) => {
        const was = own ? undefined : earlier?.workspaces.find((one) => one.name === name)
        const kind =
          workspaceKindNames.find((one) => one === was?.kind) ?? (optional ? '' : 'emptyDir')
        return [name, { kind, name: was?.source ?? '' }]
      }),
    ),
    why: earlier?.why ?? '',
  }
}

/** Nothing, where a secret was taken out of it. */
function shownText(value: Param['value'] | undefined): string {
  return hasMask(value) ? '' : textOf(value)
}

export function textOf(value: Param['value'] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.join('\n')
  return Object.entries(value)
    .map(([name, text]) => `${name}=${text}`)
    .join('\n')
}

export type TaskDraftProblem =
  | 'missing'
  | 'hiddenMissing'
  | 'masked'
  | 'badObject'
  | 'badName'
  | 'whyMissing'

const whyMin = 3
const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** What to send, or what is wrong with which field: `params.NAME`, `workspaces.NAME`, `why`. */
export function bodyOf(
  task: string,
  specs: readonly ParamSpec[],
  draft: TaskDraft,
): { body: StartRunBody; problems: Record<string, TaskDraftProblem> } {
  const params: StartRunBody['params'] = {}
  const workspaces: StartRunBody['workspaces'] = {}
  const problems: Record<string, TaskDraftProblem> = {}
  for (const spec of specs) {
    const text = draft.params[spec.name] ?? ''
    const isHidden = draft.hidden.includes(spec.name) && text.trim() === ''
    const problem = isHidden ? 'hiddenMissing' : paramProblem(spec, text)
    if (problem) problems[`params.${spec.name}`] = problem
    // Left empty, a default that is not shown stands.
    if (text !== '' || !hasMask(spec.default)) params[spec.name] = paramValue(spec, text)
  }
  for (const [name, { kind, name: source }] of Object.entries(draft.workspaces)) {
    if (kind === '') continue
    if (kind === 'emptyDir') workspaces[name] = { kind }
    else if (objectName.test(source.trim())) workspaces[name] = { kind, name: source.trim() }
    else problems[`workspaces.${name}`] = 'badName'
  }
  const why = draft.why.trim()
  if (why.length < whyMin) problems.why = 'whyMissing'
  return { body: { task, params, workspaces, why }, problems }
}

function filledLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

function paramProblem(spec: ParamSpec, text: string): TaskDraftProblem | undefined {
  if (hasMask(text)) return 'masked'
  if (spec.type === 'object') {
    return filledLines(text).some((line) => !/^[^=]+=/.test(line)) ? 'badObject' : undefined
  }
  const needed = spec.default === undefined && spec.type !== 'array'
  return needed && text.trim() === '' ? 'missing' : undefined
}

function paramValue(spec: ParamSpec, text: string): Param['value'] {
  if (spec.type === 'array') return filledLines(text)
  if (spec.type !== 'object') return text
  const entries = filledLines(text).map((line) => {
    const at = line.indexOf('=')
    return [line.slice(0, at), line.slice(at + 1)] as const
  })
  return Object.fromEntries(entries)
}

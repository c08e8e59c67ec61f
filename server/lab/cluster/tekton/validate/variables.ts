import { type FieldError, fieldError } from './field-error.ts'
import { goQuote } from './go-text.ts'

type Found = { names: string[]; wholes: string[]; first: string; problem?: string }

/**
 * References such as `$(params.name)`, `$(params["name"])`, `$(params.object.key)`. `prefix` is a regular
 * expression's source, as Tekton writes it (`context\.taskRun`).
 */
function references(text: string, prefix: string): Found | undefined {
  const name = '.*?(?:\\[\\*\\])?'
  const pattern = new RegExp(
    `\\$\\(${prefix}(?:\\.(?<dot>${name})|\\["(?<double>${name})"\\]|\\['(?<single>${name})'\\])\\)`,
    'g',
  )
  const found: Found = { names: [], wholes: [], first: '' }
  for (const match of text.matchAll(pattern)) {
    found.first ||= match[0]
    const { dot, double, single } = match.groups ?? {}
    const parts = dot?.split('.') ?? []
    if (parts.length > 2)
      found.problem ??= `Invalid referencing of parameters in "${text}"! Only two dot-separated components after the prefix "${prefix}" are allowed.`
    const whole = parts.length > 1 ? undefined : (dot ?? double ?? single)
    found.names.push(parts[0] ?? double ?? single ?? '')
    if (whole !== undefined) found.wholes.push(whole)
  }
  return found.first === '' ? undefined : found
}

export type ReferenceCheck = (
  text: string | undefined,
  prefix: string,
  names: Set<string>,
) => FieldError[]

/** Every reference with the prefix names one of `names`. */
export function checkKnown(
  text: string | undefined,
  prefix: string,
  names: Set<string>,
): FieldError[] {
  return check(text, prefix, (found, all) =>
    found.names.map(withoutIndex).some((name) => !names.has(name))
      ? `non-existent variable in ${goQuote(all)}`
      : undefined,
  )
}

/** No reference names one of `names`, which are lists: they fit only where a list may stand. */
export function checkNoLists(
  text: string | undefined,
  prefix: string,
  names: Set<string>,
): FieldError[] {
  return check(text, prefix, (found, all) =>
    found.names.map(withoutStar).some((name) => names.has(name))
      ? `variable type invalid in ${goQuote(all)}`
      : undefined,
  )
}

/** No reference names one of `names` as a whole: only keys of objects are text. */
export function checkNoWholes(
  text: string | undefined,
  prefix: string,
  names: Set<string>,
): FieldError[] {
  return check(text, prefix, (found, all) =>
    found.wholes.map(withoutStar).some((name) => names.has(name))
      ? `variable type invalid in ${goQuote(all)}`
      : undefined,
  )
}

/** A reference to one of `names` (lists) is the whole text. */
export function checkIsolated(
  text: string | undefined,
  prefix: string,
  names: Set<string>,
): FieldError[] {
  return check(text, prefix, (found, all) =>
    found.names.map(withoutStar).some((name) => names.has(name)) &&
    found.first.length !== all.length
      ? `variable is not properly isolated in ${goQuote(all)}`
      : undefined,
  )
}

/** `$(params.list[3])` in any spelling: the reference, its parameter and its index. */
export function indexedReferences(
  text: string,
): { reference: string; name: string; index: number }[] {
  const pattern = /\$\(params(?:\.([\w.-]+)|\['([\w./-]+)'\]|\["([\w./-]+)"\])\[(\d+)\]\)/g
  return [...text.matchAll(pattern)].map((match) => ({
    reference: match[0],
    name: match[1] ?? match[2] ?? match[3] ?? '',
    index: Number(match[4]),
  }))
}

function check(
  text: string | undefined,
  prefix: string,
  problemOf: (found: Found, text: string) => string | undefined,
): FieldError[] {
  const found = text ? references(text, prefix) : undefined
  if (!found || !text) return []
  const problem = found.problem ?? problemOf(found, text)
  return problem ? [fieldError(problem, '')] : []
}

function withoutIndex(name: string): string {
  return name.replace(/\[(?:\d+|\*)?\]$/, '')
}

function withoutStar(name: string): string {
  return name.replace(/\[\*\]$/, '')
}

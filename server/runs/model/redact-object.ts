import type { Redactor } from './redact.ts'

export type RedactText = (text: string, named?: string) => string

const mask = /\[redacted:[\w.-]+\]/
/** Of Tekton: what stands there is not known before the run. */
const reference = /^\$\([^()]+\)$/
const flag = /^--?([A-Za-z][\w-]*)$/
/** Names by which parts of a run are found again. */
const structure = new Set(['name', 'container', 'podName'])

/** Whether a secret was taken out of it, so that it is not what it was. */
export function hasMask(value: unknown): boolean {
  return mask.test(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
}

/**
 * Text that is no log, its lines redacted as those of a log are; `named` is what stands before it: `token=` or `token: `. A
 * value whose name says that it is a secret is masked whole.
 */
export function textRedaction(redactor: () => Redactor): RedactText {
  return (text, named) => {
    const { line } = redactor()
    const safe = text.split('\n').map(line).join('\n')
    if (!named || reference.test(text)) return safe
    const filled = text.split('\n').find((one) => one.trim() !== '') ?? ''
    const said = redactor().line(named + filled)
    if (said === named + redactor().line(filled)) return safe
    return mask.exec(said)?.[0] ?? safe
  }
}

/** Every text in a Kubernetes object, by what it is named: `{ name, value }`, `key: value`, `--flag value`. */
export function redactObject<T>(value: T, redact: RedactText): T {
  return redactedValue(value, redact) as T
}

function redactedValue(value: unknown, redact: RedactText, named?: string): unknown {
  if (typeof value === 'string') return redact(value, named)
  if (Array.isArray(value)) {
    return value.map((one, index) => {
      const [, before] = flag.exec(String(value[index - 1])) ?? []
      return redactedValue(one, redact, before ? `${before}=` : named)
    })
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const own = entries.find(([key, inner]) => key === 'name' && typeof inner === 'string')?.[1]
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      if (structure.has(key) && typeof inner === 'string') return [key, inner]
      const isValue = key === 'value' || key === 'default'
      return [key, redactedValue(inner, redact, isValue && own ? `${own}=` : `${key}: `)]
    }),
  )
}

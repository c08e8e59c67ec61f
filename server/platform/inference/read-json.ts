import { isRecord } from '#server/platform/model/is-record.ts'

const partsMax = 1000

/**
 * The text of a message's field: a string, or a list of parts as `{type: 'text', text}` and
 * `{type: 'thinking', thinking}`, the latter a string or parts again.
 */
export function textOf(field: unknown): { content: string; reasoning: string } {
  if (typeof field === 'string') return { content: field, reasoning: '' }
  const parts = (Array.isArray(field) ? field.slice(0, partsMax) : [field]).filter(
    (part) => isRecord(part) || typeof part === 'string',
  )
  let content = ''
  let reasoning = ''
  for (const part of parts) {
    if (typeof part === 'string') content += part
    else if (typeof part.text === 'string') {
      if (part.type === 'reasoning') reasoning += part.text
      else content += part.text
    } else if (part.thinking !== undefined) {
      const { thinking } = part
      reasoning += typeof thinking === 'string' ? thinking : flatText(thinking)
    }
  }
  return { content, reasoning }
}

function flatText(parts: unknown): string {
  if (!Array.isArray(parts)) return ''
  return parts
    .slice(0, partsMax)
    .map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : ''))
    .join('')
}

import { z } from 'zod'

export type Usage = { promptTokens: number; completionTokens: number }

const usageSchema = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0).default(0),
})

/** The `usage` of an answer or of a chunk, where it has one. */
export function usageOf(json: unknown): Usage | undefined {
  if (typeof json !== 'object' || json === null || !('usage' in json)) return undefined
  const parsed = usageSchema.safeParse(json.usage)
  if (!parsed.success) return undefined
  const { prompt_tokens, completion_tokens } = parsed.data
  return { promptTokens: prompt_tokens, completionTokens: completion_tokens }
}

export type UsageCounter = {
  /** The bytes to pass on of these: whole lines, untouched; undefined where there is nothing yet. */
  take(chunk: Buffer): Buffer | undefined
  /** Events so far: about one per token and answer. */
  events(): number
  usage(): Usage | undefined
  /** What the engine said it failed of, inside the stream. */
  failed(): boolean
}

const newline = 0x0a

/**
 * Reads along a stream of server-sent events. Bytes are looked through, not parsed: only a line that speaks of usage
 * is read, and left out where the caller did not ask for it.
 */
export function usageCounter(wantsUsage: boolean): UsageCounter {
  let held: Buffer | undefined
  let lines = 0
  let usage: Usage | undefined
  let failed = false

  function keeps(line: string): boolean {
    if (!line.startsWith('data:')) return true
    const chunk = parse(line.slice(5))
    if (typeof chunk !== 'object' || chunk === null) return true
    if ('error' in chunk) failed = true
    const found = usageOf(chunk)
    usage = found ?? usage
    const alone = 'choices' in chunk && Array.isArray(chunk.choices) && chunk.choices.length === 0
    return !(found && alone && !wantsUsage)
  }

  return {
    take(chunk) {
      const bytes = held ? Buffer.concat([held, chunk]) : chunk
      const end = bytes.lastIndexOf(newline) + 1
      held = end < bytes.length ? bytes.subarray(end) : undefined
      if (end === 0) return undefined
      const whole = bytes.subarray(0, end)
      for (let at = whole.indexOf(newline); at >= 0; at = whole.indexOf(newline, at + 1)) lines++
      // In a text of the answer the quotes would be escaped.
      if (!whole.includes('"usage"') && !whole.includes('"error"')) return whole
      const kept =
        whole
          .toString('utf8')
          .match(/[^\n]*\n/g)
          ?.filter(keeps) ?? []
      return kept.length > 0 ? Buffer.from(kept.join('')) : undefined
    },
    // An event is a line of data and an empty one.
    events: () => lines >> 1,
    usage: () => usage,
    failed: () => failed,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { countOf } from '#server/platform/inference/chat-chunk.ts'
import { isRecord } from '#server/platform/model/is-record.ts'

/** Tokens; prompt tokens are missing where the engine does not say them. */
export type Usage = { promptTokens?: number; completionTokens: number }

/** The `usage` of an answer or of a chunk, where it has one; counts that are none are left out. */
export function usageOf(json: unknown): Usage | undefined {
  if (!isRecord(json) || !isRecord(json.usage)) return undefined
  const promptTokens = countOf(json.usage.prompt_tokens)
  const completionTokens = countOf(json.usage.completion_tokens)
  if (promptTokens === undefined && completionTokens === undefined) return undefined
  return {
    ...(promptTokens !== undefined && { promptTokens }),
    completionTokens: completionTokens ?? 0,
  }
}

/** A token of several answers in one body is rarely longer: bytes. */
const tokenBytesMax = 6

/** Of an answer that does not stream: at least so many tokens are in its texts, where it holds several. */
export function tokensInAnswers(json: unknown): number {
  const choices = isRecord(json) && Array.isArray(json.choices) ? json.choices.filter(isRecord) : []
  if (choices.length < 2) return 0
  const bytes = choices
    .flatMap(({ message, text }) => [text, ...(isRecord(message) ? Object.values(message) : [])])
    .reduce<number>(
      (sum, said) => sum + (typeof said === 'string' ? Buffer.byteLength(said) : 0),
      0,
    )
  return Math.floor(bytes / tokenBytesMax)
}

export type UsageCounter = {
  /** The bytes to pass on of these: whole lines, untouched; undefined where there is nothing yet. */
  take(chunk: Buffer): Buffer | undefined
  /** What is left when the stream ends without a line's end. */
  rest(): Buffer | undefined
  /** Events so far: about one per token and answer. */
  events(): number
  /** Events so far that carry text: each is a token or more. */
  texts(): number
  usage(): Usage | undefined
  /** What the engine said it failed of, inside the stream. */
  failed(): boolean
}

const newline = 0x0a
/** At most one match per line; in a text of the answer the quotes would be escaped. */
const lineWithText = /"(?:content|reasoning|reasoning_content|text)": ?"(?!")[^\n]*/g

/**
 * Reads along a stream of server-sent events. Bytes are looked through, not parsed: only a line that speaks of usage
 * is read, and left out where the caller did not ask for it.
 */
export function usageCounter(wantsUsage: boolean): UsageCounter {
  let held: Buffer | undefined
  let lines = 0
  let texts = 0
  let usage: Usage | undefined
  let failed = false

  function keeps(line: string): boolean {
    if (!line.startsWith('data:')) return true
    const chunk = parse(line.slice(5))
    if (typeof chunk !== 'object' || chunk === null) return true
    if ('error' in chunk) failed = true
    const found = usageOf(chunk)
    if (found) usage = largest(usage, found)
    const alone = 'choices' in chunk && Array.isArray(chunk.choices) && chunk.choices.length === 0
    return !(found && alone && !wantsUsage)
  }

  function pass(whole: Buffer): Buffer | undefined {
    texts += whole.toString('latin1').match(lineWithText)?.length ?? 0
    // In a text of the answer the quotes would be escaped.
    if (!whole.includes('"usage"') && !whole.includes('"error"')) return whole
    const kept =
      whole
        .toString('utf8')
        .match(/[^\n]*\n|[^\n]+$/g)
        ?.filter(keeps) ?? []
    return kept.length > 0 ? Buffer.from(kept.join('')) : undefined
  }

  return {
    take(chunk) {
      const bytes = held ? Buffer.concat([held, chunk]) : chunk
      const end = bytes.lastIndexOf(newline) + 1
      held = end < bytes.length ? bytes.subarray(end) : undefined
      if (end === 0) return undefined
      const whole = bytes.subarray(0, end)
      for (let at = whole.indexOf(newline); at >= 0; at = whole.indexOf(newline, at + 1)) lines++
      return pass(whole)
    },
    rest() {
      const last = held
      held = undefined
      return last && pass(last)
    },
    // An event is a line of data and an empty one.
    events: () => lines >> 1,
    texts: () => texts,
    usage: () => usage,
    failed: () => failed,
  }
}

/** A chunk may leave a count out, and one of several answers' chunks say less than an earlier one did. */
function largest(before: Usage | undefined, now: Usage): Usage {
  const promptTokens = Math.max(before?.promptTokens ?? 0, now.promptTokens ?? 0)
  const isSaid = before?.promptTokens !== undefined || now.promptTokens !== undefined
  return {
    ...(isSaid && { promptTokens }),
    completionTokens: Math.max(before?.completionTokens ?? 0, now.completionTokens),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What to append. `moved`: all content before this event turned out to be reasoning (a lone `</think>` came). */
export type TokenDelta = { reasoning?: string; content?: string; moved?: boolean }

export type GenerationUsage = {
  promptTokens: number
  completionTokens: number
  /** Milliseconds from the request at the web to the first token. */
  ttftMs?: number
  /** Of these, from the request at the web until the engine had taken the question; the rest is its queue and prompt. */
  acceptedMs?: number
  /** As the engine says, where it does: until it began with the question, and from then to its first token. */
  queueMs?: number
  promptMs?: number
  /** Of the completion tokens, those of the reasoning, its marks included. */
  reasoningTokens?: number
  /** Completion tokens after the first, over the time between first and last token, per second. */
  decodeRate?: number
  /** The engine has not said how many; these are the chunks that came. */
  estimated?: boolean
  /** Parameters of the request, by their names in the API, that the engine does not have. */
  ignored?: string[]
  /** Nothing came so far, for the engine still loads its model or has no free slot: it is asked again. */
  waitingFor?: 'loading' | 'full'
}

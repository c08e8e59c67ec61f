import type { GenerationUsage } from '#server/platform/inference/model/generation-usage.ts'
import type { SamplingChoice } from '#server/platform/inference/model/sampling-schema.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'

/** One way of asking: which binding speaks, in which role, and how tokens are drawn. */
export type Variant = {
  binding: { namespace: string; name: string }
  /** The preset that it was made from, for the eye. */
  preset?: string
  /** Empty: no system message is sent. */
  systemPrompt: string
  sampling: SamplingChoice
}

/**
 * The newest answer to the question that is known to whoever asks for one more; without it, the newest of all. Asking the
 * same with the same knowledge, as two windows do, leads to the same answer.
 */
export type Seen = { newest?: string }

/** The body of `POST /api/generations`: one question, answered by every variant side by side. */
export type AskRequest = {
  /** Goes on in this conversation; a new one begins without it. */
  conversation?: string
  /** Something new, said after an answer or at the beginning; or a question that is there already, asked again. */
  question: { text: string; after?: string } | ({ id: string } & Seen)
  variants: Variant[]
}

export type ContinueRequest = Seen & {
  /** Ends the thinking where it stands and asks for the answer. */
  closeThinking?: boolean
  /** Tokens that may be added; as many as before unless said. */
  maxTokens?: number
}

export type AskedView = {
  /** Another window had asked for the same: these are its answers. */
  joined?: true
  conversation: ConversationSummary
  question: QuestionView
  generations: GenerationView[]
}

export type ConversationSummary = {
  id: string
  title: string
  createdAt: string
  updatedAt: string
  /** Answers that are being written now. */
  running: number
  /** Where the words that were searched for stand. */
  found?: string
}

/** A tree: questions stand after answers, answers belong to questions; both in the order in which they were made. */
export type ConversationView = ConversationSummary & {
  questions: QuestionView[]
  generations: GenerationView[]
}

export type QuestionView = {
  id: string
  /** The answer that it was asked after; undefined at the beginning. */
  after?: string
  text: string
  createdAt: string
}

export type GenerationState = 'queued' | 'running' | 'done' | 'stopped' | 'failed' | 'interrupted'

export type GenerationView = {
  id: string
  owner: string
  conversation: string
  question: string
  /** The answer whose text it begins with. */
  continues?: string
  createdAt: string
  state: GenerationState
  request: Variant
}

/** How a generation ended, as it is kept beside its events. */
export type GenerationEnd = {
  state: Exclude<GenerationState, 'queued' | 'running'>
  reasoning: string
  content: string
  finishReason?: string
  usage?: GenerationUsage
  error?: ErrorBody['error']
}

/** As what a conversation leaves the product. */
export const exportFormats = ['markdown', 'latex', 'html', 'json'] as const

export type ExportFormat = (typeof exportFormats)[number]

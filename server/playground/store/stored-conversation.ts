import type {
  GenerationEnd,
  GenerationState,
  Variant,
} from '#server/playground/views/conversation-views.ts'

export type StoredConversation = {
  id: string
  owner: string
  title: string
  createdAt: Date
  updatedAt: Date
}

export type StoredQuestion = {
  id: string
  conversation: string
  /** The generation that it was asked after. */
  after?: string
  text: string
  createdAt: Date
}

/** What one question brings into being, all of it or nothing. */
export type NewTurn = {
  conversation: { id: string; owner: string /** Of one that begins with this. */; title?: string }
  question: { id: string /** Of one that was not there. */; text?: string; after?: string }
  generations: { id: string; request: Variant; continues?: string }[]
  holder: string
  /** What is wished for, where wishing it twice brings it into being once. */
  wish?: string
}

/** A question on the way to another one, and the answer that the way goes through. */
export type PathStep = { question: StoredQuestion; answer: StoredGeneration }

export type FoundConversation = StoredConversation & { running: number; found?: string }

export type StoredGeneration = {
  id: string
  owner: string
  conversation: string
  question: string
  continues?: string
  state: GenerationState
  request: Variant
  createdAt: Date
  /** The web process that streams it; its heartbeat tells whether it still lives. */
  holder: string
  heartbeatAt: Date
}

export type GenerationText = Omit<GenerationEnd, 'state'>

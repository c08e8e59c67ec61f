import type { TokenEvent } from '#server/domain/stream-events.ts'
import type { GenerationRequest, GenerationState } from '#server/domain/views.ts'
import type { PresetStore } from './preset-store.ts'

export type UsageRecord = {
  namespace: string
  binding: string
  /** Who called: a ServiceAccount's user name, or the person the web spoke for. */
  caller: string
  route: string
  ring: string
  status: number
  promptTokens: number
  completionTokens: number
  ttftMs?: number
  durationMs: number
  at: Date
}

export type StoredGeneration = {
  id: string
  owner: string
  state: GenerationState
  request: GenerationRequest
  createdAt: Date
  /** The web process that streams it; its heartbeat tells whether it still lives. */
  holder: string
  heartbeatAt: Date
}

/** What was said and used. Backed by PostgreSQL; migrations run by themselves under an advisory lock. */
export type Store = PresetStore & {
  recordUsage(record: UsageRecord): Promise<void>
  /** Tokens that a binding used since the instant. */
  tokensUsedSince(binding: { namespace: string; name: string }, since: Date): Promise<number>
  usageOf(
    binding: { namespace: string; name: string },
    since: Date,
  ): Promise<{ requests: number; promptTokens: number; completionTokens: number }>

  createGeneration(
    generation: Omit<StoredGeneration, 'createdAt' | 'heartbeatAt'>,
  ): Promise<StoredGeneration>
  findGeneration(id: string): Promise<StoredGeneration | undefined>
  listGenerations(owner: string, limit: number): Promise<StoredGeneration[]>
  /** Appends events from `firstSeq` on and wakes followers in every process. */
  appendEvents(id: string, firstSeq: number, events: TokenEvent[]): Promise<void>
  readEvents(id: string, afterSeq: number): Promise<{ seq: number; event: TokenEvent }[]>
  setGenerationState(id: string, state: GenerationState): Promise<void>
  beatGeneration(id: string): Promise<void>
  /** Asks the process that holds it to stop, wherever it runs. */
  requestStop(id: string): Promise<void>
  /** Tells the process that holds it that somebody watches it in another one. */
  noteWatched(id: string): Promise<void>
  /** Calls back when events were appended to, a stop was asked of, or a watcher was told of, any generation. */
  onGenerationNotice(
    callback: (notice: { id: string; stop: boolean; watched?: boolean }) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** Generations whose holder's heartbeat is older than this become `interrupted`; returns them. */
  interruptOrphans(olderThan: Date): Promise<string[]>

  ping(): Promise<void>
  close(): Promise<void>
}

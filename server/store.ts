import type { AuditStore } from '#server/audit/audit-store.ts'
import type { OutboxStore } from '#server/notices/outbox-store.ts'
import type { SessionStore } from '#server/platform/auth/session-store.ts'
import type { RetentionStore } from '#server/platform/postgres/table-retention.ts'
import type { PresetStore } from '#server/playground/store/preset-store.ts'
import type {
  FoundConversation,
  GenerationText,
  NewTurn,
  PathStep,
  StoredConversation,
  StoredGeneration,
  StoredQuestion,
} from '#server/playground/store/stored-conversation.ts'
import type { GenerationEnd } from '#server/playground/views/conversation-views.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'
import type { RunArchive } from '#server/runs/log/archive/run-archive.ts'
import type { RingNumbers } from '#server/serving/views/ring-views.ts'
import type { UsageRecord } from '#server/usage/model/usage-record.ts'

type Parts = AuditStore & PresetStore

/** What was said and used. Backed by PostgreSQL; migrations run by themselves under an advisory lock. */
export type Store = Parts & {
  recordUsage(record: UsageRecord): Promise<void>
  /** Tokens that a binding used since the instant. */
  tokensUsedSince(binding: { namespace: string; name: string }, since: Date): Promise<number>
  usageOf(
    binding: { namespace: string; name: string },
    since: Date,
  ): Promise<{ requests: number; promptTokens: number; completionTokens: number }>
  /** What these bindings used since the instant, by the ring that answered. */
  ringUsage(
    bindings: { namespace: string; name: string }[],
    since: Date,
  ): Promise<(RingNumbers & { ring: string })[]>

  /**
   * Throws `not-found` where the conversation is not the owner's, or the question not in it. Returns what the same wish
   * brought into being before, in the place of this; nothing where this is the first.
   */
  createTurn(turn: NewTurn): Promise<StoredGeneration[]>
  /** What their questions and answers take in the database. */
  storedBytesOf(owner: string): Promise<number>
  findConversation(id: string): Promise<StoredConversation | undefined>
  /** Newest first. Every word of `search` stands in the title, a question or an answer. */
  listConversations(
    owner: string,
    options: { limit: number; search?: string },
  ): Promise<FoundConversation[]>
  questionsOf(conversation: string): Promise<StoredQuestion[]>
  generationsOf(conversation: string): Promise<StoredGeneration[]>
  /** From the beginning to the generation, which is the last step's answer. */
  pathTo(generation: string): Promise<PathStep[]>
  renameConversation(id: string, title: string): Promise<void>
  /** With everything that was said and every event of it. */
  deleteConversation(id: string): Promise<void>

  /** With the time since its holder's last heartbeat, by the database's clock. */
  findGeneration(id: string): Promise<(StoredGeneration & { quietMs: number }) | undefined>
  /** What was written, of those that have ended. */
  textsOf(ids: string[]): Promise<Map<string, GenerationText>>
  /** Appends events from `firstSeq` on and wakes followers in every process. Resolves when they would survive us. */
  appendEvents(id: string, firstSeq: number, events: TokenEvent[]): Promise<void>
  readEvents(id: string, afterSeq: number): Promise<{ seq: number; event: TokenEvent }[]>
  /** With its last events: whoever reads those finds the end too. */
  endGeneration(
    id: string,
    end: GenerationEnd & { last?: { firstSeq: number; events: TokenEvent[] } },
  ): Promise<void>
  /** Lays together what was written in small pieces; only for whom nobody appends to any more. */
  tidyEvents(id: string): Promise<void>
  beatGenerations(ids: string[]): Promise<void>
  /** Asks the process that holds it to stop, wherever it runs. */
  requestStop(id: string): Promise<void>
  /** Tells the process that holds it that somebody watches it in another one. */
  noteWatched(id: string): Promise<void>
  /**
   * Calls back when events were appended to, a stop was asked of, or a watcher was told of, any generation. While it
   * listens, the database knows that `holder` is there.
   */
  onGenerationNotice(
    callback: (notice: { id: string; stop: boolean; watched?: boolean }) => void,
    holder: string,
    signal: AbortSignal,
  ): Promise<void>
  /**
   * Generations whose holder's heartbeat is older than `deadAfterMs`, by the database's clock, become `interrupted`; of
   * a holder whose connection the database has seen end, older than `goneAfterMs`. Returns them.
   */
  interruptOrphans(deadAfterMs: number, goneAfterMs?: number): Promise<string[]>

  /** Runs and their logs, for longer than the cluster keeps them. */
  archive: RunArchive
  outbox: OutboxStore
  sessions: SessionStore
  retention: RetentionStore

  ping(): Promise<void>
  close(): Promise<void>
}

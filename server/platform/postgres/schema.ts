import {
  bigserial,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import type { GenerationUsage } from '#server/platform/inference/model/generation-usage.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'
import type { GenerationState, Variant } from '#server/playground/views/conversation-views.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'

/** The tables as the last migration leaves them; indexes stand in the migrations. */
export const usage = pgTable('usage', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  namespace: text().notNull(),
  binding: text().notNull(),
  caller: text().notNull(),
  route: text().notNull(),
  ring: text().notNull(),
  status: integer().notNull(),
  promptTokens: integer('prompt_tokens').notNull(),
  completionTokens: integer('completion_tokens').notNull(),
  ttftMs: doublePrecision('ttft_ms'),
  durationMs: doublePrecision('duration_ms').notNull(),
  at: timestamp({ withTimezone: true }).notNull(),
})

export const conversations = pgTable('conversations', {
  id: text().primaryKey(),
  owner: text().notNull(),
  title: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
})

export const questions = pgTable('questions', {
  id: text().primaryKey(),
  conversationId: text('conversation_id').notNull(),
  afterGeneration: text('after_generation'),
  text: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

export const generations = pgTable('generations', {
  id: text().primaryKey(),
  owner: text().notNull(),
  conversationId: text('conversation_id').notNull(),
  questionId: text('question_id').notNull(),
  continues: text(),
  /** What it was wished for by, which none but it was; see `createTurn`. */
  wish: text(),
  state: text().$type<GenerationState>().notNull(),
  request: jsonb().$type<Variant>().notNull(),
  /** From here to `error`: how it ended; null until then, and of what ended before these were kept. */
  reasoning: text(),
  content: text(),
  finishReason: text('finish_reason'),
  usage: jsonb().$type<GenerationUsage>(),
  error: jsonb().$type<ErrorBody['error']>(),
  holder: text().notNull(),
  stopRequested: boolean('stop_requested').notNull().default(false),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  heartbeatAt: timestamp('heartbeat_at', { withTimezone: true }).notNull().defaultNow(),
  stateAt: timestamp('state_at', { withTimezone: true }).notNull().defaultNow(),
})

/** One row per batch as it was appended: tokens come faster than rows should. */
export const generationEvents = pgTable(
  'generation_events',
  {
    generationId: text('generation_id')
      .notNull()
      .references(() => generations.id, { onDelete: 'cascade' }),
    firstSeq: integer('first_seq').notNull(),
    lastSeq: integer('last_seq').notNull(),
    events: jsonb().$type<TokenEvent[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.generationId, table.firstSeq] })],
)

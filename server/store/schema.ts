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
import type { TokenEvent } from '#server/domain/stream-events.ts'
import type { GenerationRequest, GenerationState } from '#server/domain/views.ts'

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

export const generations = pgTable('generations', {
  id: text().primaryKey(),
  owner: text().notNull(),
  state: text().$type<GenerationState>().notNull(),
  request: jsonb().$type<GenerationRequest>().notNull(),
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

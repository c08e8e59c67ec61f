import { z } from 'zod'
import {
  askSchema,
  continueSchema,
  finishSchema,
  titleSchema,
} from '#server/playground/model/ask-schema.ts'
import { askModel } from '#server/playground/verbs/ask-model.ts'
import { continueGeneration } from '#server/playground/verbs/continue-generation.ts'
import { deleteConversation } from '#server/playground/verbs/delete-conversation.ts'
import { finishThinking } from '#server/playground/verbs/finish-thinking.ts'
import { getConversation } from '#server/playground/verbs/get-conversation.ts'
import { getGeneration } from '#server/playground/verbs/get-generation.ts'
import { listConversations } from '#server/playground/verbs/list-conversations.ts'
import { renameConversation } from '#server/playground/verbs/rename-conversation.ts'
import { stopGeneration } from '#server/playground/verbs/stop-generation.ts'
import type { GenerationContext } from '#server/playground/verbs/write-answers.ts'
import type { ProcessState } from '#server/processes/web/process-state.ts'
import { route } from '#server/processes/web/route.ts'

const askedShape = z.object({ joined: z.boolean().optional() })

export const playgroundRoutes = {
  'GET /api/conversations': route('GET /api/conversations', {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(50),
      search: z.string().max(200).optional(),
    }),
    handle: ({ ctx, query }) => listConversations(ctx, query),
  }),
  'GET /api/conversations/:id': route('GET /api/conversations/:id', {
    handle: ({ ctx, params }) => getConversation(ctx, params),
  }),
  'PATCH /api/conversations/:id': route('PATCH /api/conversations/:id', {
    body: titleSchema,
    handle: ({ ctx, params, body }) => renameConversation(ctx, { ...params, ...body }),
  }),
  'DELETE /api/conversations/:id': route('DELETE /api/conversations/:id', {
    handle: ({ ctx, params, state }) => deleteConversation(ctx, params, state.generations),
  }),
  'POST /api/generations': route('POST /api/generations', {
    body: askSchema,
    status: statusOfAsked,
    handle: ({ ctx, body, state }) => askModel(ctx, body, throughOf(state)),
  }),
  'GET /api/generations/:id': route('GET /api/generations/:id', {
    handle: ({ ctx, params }) => getGeneration(ctx, params),
  }),
  'POST /api/generations/:id/continue': route('POST /api/generations/:id/continue', {
    body: continueSchema,
    status: statusOfAsked,
    handle: ({ ctx, params, body, state }) =>
      continueGeneration(ctx, { ...params, ...body }, throughOf(state)),
  }),
  'POST /api/generations/:id/finish': route('POST /api/generations/:id/finish', {
    body: finishSchema,
    status: statusOfAsked,
    handle: ({ ctx, params, body, state }) =>
      finishThinking(ctx, { ...params, ...body }, throughOf(state)),
  }),
  'POST /api/generations/:id/stop': route('POST /api/generations/:id/stop', {
    handle: ({ ctx, params, state }) => stopGeneration(ctx, params, state.generations),
  }),
}

/** What another window asked for is there already. */
function statusOfAsked(asked: unknown): number {
  return askedShape.parse(asked).joined ? 200 : 201
}

function throughOf({ gateway, generations, lists, storage }: ProcessState): GenerationContext {
  return { gateway, hub: generations, seen: lists.watches, storage }
}

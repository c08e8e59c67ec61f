import { z } from 'zod'
import { generationSchema } from '#server/domain/generation-schema.ts'
import { getGeneration } from '#server/usecases/get-generation.ts'
import { listGenerations } from '#server/usecases/list-generations.ts'
import { startGeneration } from '#server/usecases/start-generation.ts'
import { stopGeneration } from '#server/usecases/stop-generation.ts'
import { route } from './route.ts'

export const playgroundRoutes = {
  'GET /api/generations': route('GET /api/generations', {
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    handle: ({ ctx, query }) => listGenerations(ctx, query),
  }),
  'POST /api/generations': route('POST /api/generations', {
    body: generationSchema,
    status: 201,
    handle: ({ ctx, body, state }) =>
      startGeneration(ctx, body, { gateway: state.gateway, hub: state.generations }),
  }),
  'GET /api/generations/:id': route('GET /api/generations/:id', {
    handle: ({ ctx, params }) => getGeneration(ctx, params),
  }),
  'POST /api/generations/:id/stop': route('POST /api/generations/:id/stop', {
    handle: ({ ctx, params, state }) => stopGeneration(ctx, params, state.generations),
  }),
}

import {
  presetChangeSchema,
  presetRestoreSchema,
  presetSchema,
} from '#server/domain/playground/preset-views.ts'
import { changePreset } from '#server/usecases/playground/change-preset.ts'
import { createPreset } from '#server/usecases/playground/create-preset.ts'
import { deletePreset } from '#server/usecases/playground/delete-preset.ts'
import { getPreset } from '#server/usecases/playground/get-preset.ts'
import { listPresets } from '#server/usecases/playground/list-presets.ts'
import { restorePreset } from '#server/usecases/playground/restore-preset.ts'
import { route } from './route.ts'

export const presetRoutes = {
  'GET /api/presets': route('GET /api/presets', { handle: ({ ctx }) => listPresets(ctx) }),
  'POST /api/presets': route('POST /api/presets', {
    body: presetSchema,
    status: 201,
    handle: ({ ctx, body }) => createPreset(ctx, body),
  }),
  'GET /api/presets/:id': route('GET /api/presets/:id', {
    handle: ({ ctx, params }) => getPreset(ctx, params),
  }),
  'PATCH /api/presets/:id': route('PATCH /api/presets/:id', {
    body: presetChangeSchema,
    handle: ({ ctx, params, body }) => changePreset(ctx, { ...params, ...body }),
  }),
  'DELETE /api/presets/:id': route('DELETE /api/presets/:id', {
    handle: ({ ctx, params }) => deletePreset(ctx, params),
  }),
  'POST /api/presets/:id/restore': route('POST /api/presets/:id/restore', {
    body: presetRestoreSchema,
    handle: ({ ctx, params, body }) => restorePreset(ctx, { ...params, ...body }),
  }),
}

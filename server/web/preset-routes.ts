import {
  presetChangeSchema,
  presetRestoreSchema,
  presetSchema,
} from '#server/domain/preset-views.ts'
import { changePreset } from '#server/usecases/change-preset.ts'
import { createPreset } from '#server/usecases/create-preset.ts'
import { deletePreset } from '#server/usecases/delete-preset.ts'
import { getPreset } from '#server/usecases/get-preset.ts'
import { listPresets } from '#server/usecases/list-presets.ts'
import { restorePreset } from '#server/usecases/restore-preset.ts'
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

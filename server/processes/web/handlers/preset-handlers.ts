import { changePreset } from '#server/playground/verbs/change-preset.ts'
import { createPreset } from '#server/playground/verbs/create-preset.ts'
import { deletePreset } from '#server/playground/verbs/delete-preset.ts'
import { getPreset } from '#server/playground/verbs/get-preset.ts'
import { listPresets } from '#server/playground/verbs/list-presets.ts'
import { restorePreset } from '#server/playground/verbs/restore-preset.ts'
import {
  presetChangeSchema,
  presetRestoreSchema,
  presetSchema,
} from '#server/playground/views/preset-views.ts'
import { route } from '#server/processes/web/route.ts'

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

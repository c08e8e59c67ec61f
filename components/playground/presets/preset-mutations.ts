import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { PresetContent, PresetView } from '#server/playground/views/preset-views.ts'

export function createPreset() {
  return mutationOptions({
    mutationFn: (body: PresetContent) => request<PresetView>('POST', '/api/presets', body),
  })
}

export function changePreset(id: string) {
  return mutationOptions({
    mutationFn: (body: PresetContent & { version: number }) =>
      request<PresetView>('PATCH', pathOf('presets', id), body),
  })
}

export function restorePreset(id: string) {
  return mutationOptions({
    mutationFn: (version: number) =>
      request<PresetView>('POST', pathOf('presets', id, 'restore'), { version }),
  })
}

export function deletePreset(id: string) {
  return mutationOptions({
    mutationFn: () => request<unknown>('DELETE', pathOf('presets', id)),
  })
}

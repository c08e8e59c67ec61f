import { queryOptions } from '@tanstack/react-query'
import type { PresetHistoryView, PresetView } from '#server/playground/views/preset-views.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

export function presetsQuery() {
  return queryOptions({
    queryKey: ['presets'],
    queryFn: ({ signal }) => request<PresetView[]>('GET', '/api/presets', undefined, signal),
  })
}

/** One preset with its versions; under the list's key, so that both are asked again together. */
export function presetQuery(id: string) {
  return queryOptions({
    queryKey: ['presets', id],
    queryFn: ({ signal }) =>
      request<PresetHistoryView>('GET', pathOf('presets', id), undefined, signal),
  })
}

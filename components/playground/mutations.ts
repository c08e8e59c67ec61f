import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { GenerationRequest, GenerationView } from '#server/domain/views.ts'

export function askModel() {
  return mutationOptions({
    mutationFn: (body: GenerationRequest) =>
      request<GenerationView>('POST', '/api/generations', body),
  })
}

export function stopGeneration(id: string) {
  return mutationOptions({
    mutationFn: () => request<unknown>('POST', pathOf('generations', id, 'stop'), {}),
  })
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { changeBindingSchema, previewRequestSchema } from '#server/access/model/request-schema.ts'
import type { RequestPreview } from '#server/access/views/request-preview.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

type Looked = {
  /** Of the binding that is to change; a first request has none yet. */
  binding?: { namespace: string; name: string }
  /** What would be sent, as JSON. */
  body: string
}

/** What a wish would come to if it were sent; asked only of what could be sent. */
export function previewQuery({ binding, body }: Looked) {
  const wish: unknown = JSON.parse(body)
  const schema = binding ? changeBindingSchema : previewRequestSchema
  const path = binding
    ? pathOf('bindings', binding.namespace, binding.name, 'preview')
    : '/api/bindings/preview'
  return queryOptions({
    queryKey: ['preview', path, body],
    queryFn: ({ signal }) => request<RequestPreview>('POST', path, wish, signal),
    enabled: schema.safeParse(wish).success,
    // What was shown stays until its successor is there: the page does not jump while somebody types.
    placeholderData: keepPreviousData,
  })
}

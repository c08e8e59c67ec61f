import { queryOptions } from '@tanstack/react-query'
import type { RingWindow } from '#server/serving/model/ring-windows.ts'
import type { ServiceRingsView } from '#server/serving/views/ring-views.ts'
import { request } from './request.ts'

/** Numbers of the gateway, not an object of the cluster: asked for again, as long as somebody looks. */
const againMs = 15_000

export function ringsQuery(window: RingWindow) {
  return queryOptions({
    queryKey: ['rings', window],
    queryFn: ({ signal }) =>
      request<ServiceRingsView[]>('GET', `/api/rings?window=${window}`, undefined, signal),
    refetchInterval: againMs,
  })
}

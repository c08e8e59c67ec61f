import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type { AuditState, WebhookView } from '#server/audit/views/audit-views.ts'

export function verifyChain() {
  return mutationOptions({
    mutationFn: () => request<AuditState>('POST', '/api/audit/verify', {}),
  })
}

export function retryNotices() {
  return mutationOptions({
    mutationFn: (name: string) =>
      request<WebhookView[]>('POST', pathOf('audit', 'webhooks', name, 'retry'), {}),
  })
}

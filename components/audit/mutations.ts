import { mutationOptions } from '@tanstack/react-query'
import { request } from '#components/data/request.ts'
import type { AuditState } from '#server/domain/audit/audit-views.ts'

export function verifyChain() {
  return mutationOptions({
    mutationFn: () => request<AuditState>('POST', '/api/audit/verify', {}),
  })
}

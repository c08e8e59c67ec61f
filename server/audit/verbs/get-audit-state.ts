import type { AuditState } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { authorizeAudit } from './audit-access.ts'

/** Where the chain ends, and what its last verification found. */
export async function getAuditState(ctx: Context): Promise<AuditState> {
  await authorizeAudit(ctx)

  const [head, check] = await Promise.all([ctx.store.auditHead(), ctx.store.lastAuditCheck()])
  return { head, verified: check && { ...check, at: check.at.toISOString() } }
}

import type { AuditState } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { authorizeAudit } from './audit-access.ts'
import { getAuditState } from './get-audit-state.ts'
import { verifyAudit } from './verify-audit.ts'

let running: Promise<void> | undefined

/** Verifies the whole chain now; asked by many at once, it is read once. */
export async function checkAudit(ctx: Context): Promise<AuditState> {
  await authorizeAudit(ctx)

  running ??= verify(ctx).finally(() => {
    running = undefined
  })
  await running
  return getAuditState(ctx)
}

async function verify({ store, now }: Context): Promise<void> {
  const { at, broken } = await verifyAudit(store)
  await store.recordAuditCheck({ seq: at.seq, at: now(), broken })
}

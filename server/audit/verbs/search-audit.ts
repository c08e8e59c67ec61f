import type { AuditQuery } from '#server/audit/model/audit-query.ts'
import type { AuditPage } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { authorizeAudit } from './audit-access.ts'

/** A page of the trail, newest first. */
export async function searchAudit(
  ctx: Context,
  input: AuditQuery & { before?: number; limit: number },
): Promise<AuditPage> {
  await authorizeAudit(ctx)

  const { before, limit, ...query } = input
  const records = await ctx.store.listAudit(query, { before, limit: limit + 1 })
  const page = records.slice(0, limit)
  return { records: page, next: records.length > limit ? page.at(-1)?.seq : undefined }
}

import type { AuditQuery } from '#server/audit/model/audit-query.ts'
import type { Context } from '#server/context.ts'
import { authorizeAudit } from './audit-access.ts'

const countMax = 1000

/** How many records match and came since; no more than a thousand are counted. */
export async function countNewerAudit(
  ctx: Context,
  input: AuditQuery & { after: number },
): Promise<{ count: number }> {
  await authorizeAudit(ctx)

  const { after, ...query } = input
  return { count: await ctx.store.countAuditAfter(query, after, countMax) }
}

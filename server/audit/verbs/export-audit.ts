import type { AuditQuery } from '#server/audit/model/audit-query.ts'
import type { AuditRecord } from '#server/audit/model/audit-record.ts'
import type { Context } from '#server/context.ts'
import { authorizeAudit } from './audit-access.ts'

const pageRecords = 1000

/** All that matches, newest first, a page at a time: memory does not grow with the trail. */
export async function* exportAudit(ctx: Context, query: AuditQuery): AsyncGenerator<AuditRecord[]> {
  let before: number | undefined
  for (;;) {
    ctx.signal.throwIfAborted()
    // At each page: a reader may be slow, and the right withdrawn meanwhile.
    await authorizeAudit(ctx)
    const records = await ctx.store.listAudit(query, { before, limit: pageRecords })
    if (records.length > 0) yield records
    if (records.length < pageRecords) return
    before = records.at(-1)?.seq
  }
}

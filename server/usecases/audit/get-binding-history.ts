import type { HistoryEntry } from '#server/domain/audit/audit-views.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { bindingResource } from '#server/usecases/access/binding-access.ts'
import type { Context } from '#server/usecases/context.ts'

const entriesMax = 200

/** What is on record of a binding, newest first, also of earlier ones of its name, and after its end. */
export async function getBindingHistory(ctx: Context, ref: ObjectRef): Promise<HistoryEntry[]> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: bindingResource, namespace, name })

  const records = await ctx.store.listAudit({ namespace, binding: name }, { limit: entriesMax })
  return records.map(({ content }) => {
    const { seq, at, what, who, why, digest, on, details } = content
    return { seq, at, what, who, why, digest, on, details }
  })
}

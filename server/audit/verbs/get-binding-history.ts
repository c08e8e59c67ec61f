import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { HistoryEntry } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'

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

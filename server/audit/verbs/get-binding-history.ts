import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { HistoryEntry } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { isOfNamespace } from '#server/runs/model/of-this-namespace.ts'

const entriesMax = 200

/** What is on record of a binding, newest first, also of earlier ones of its name, and after its end. */
export async function getBindingHistory(ctx: Context, ref: ObjectRef): Promise<HistoryEntry[]> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: bindingResource, namespace, name })

  const records = await ctx.store.listAudit({ namespace, binding: name }, { limit: entriesMax })
  // The justifications of another team that had a namespace of this name are not this one's to read.
  const home = await ctx.kube.find(Namespace, { name: namespace })
  const own = records.filter(({ content }) => isOfNamespace(content.at, home))
  return own.map(({ content }) => {
    const { seq, at, what, who, why, digest, on, details } = content
    return { seq, at, what, who, why, digest, on, details }
  })
}

import { bindingResource, userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import { runResource } from '#server/runs/verbs/run-access.ts'
import type { MeView } from './views/me.ts'

const reviewsAtOnce = 16

/** Who the person is and what the cluster lets them do, to grey out what they may not; the server decides again. */
export async function getMe(
  ctx: Context,
  input: Pick<MeView, 'demo' | 'language' | 'unwatchedStopSeconds'>,
): Promise<MeView> {
  const serving = ctx.servingNamespace
  const [namespaces, approve, startRuns, seeRuns, seeAudit] = await Promise.all([
    requestableNamespaces(ctx),
    ctx.may({ verb: 'approve', resource: bindingResource }),
    ctx.may({ verb: 'create', resource: runResource, namespace: serving }),
    ctx.may({ verb: 'list', resource: runResource, namespace: serving }),
    ctx.may({ verb: 'get', resource: 'audit.bindery.dev', namespace: serving }),
  ])
  return {
    user: userOf(ctx),
    name: ctx.actor.type === 'person' ? ctx.actor.name : '',
    groups: ctx.actor.type === 'person' ? ctx.actor.groups : [],
    namespaces,
    can: { approve, startRuns, seeRuns, seeAudit },
    ...input,
  }
}

/** Namespaces that live and in which they may ask for access; the cluster's and our own are nobody's to bind. */
async function requestableNamespaces(ctx: Context): Promise<string[]> {
  const there = await ctx.kube.list(Namespace)
  const names = there
    .filter((one) => one.status?.phase !== 'Terminating' && !isReserved(ctx, one.metadata.name))
    .map((one) => one.metadata.name)
  const ask = (namespace?: string) =>
    ctx.mayCached({ verb: 'create', resource: bindingResource, namespace })
  if (await ask()) return names.sort()
  const allowed: string[] = []
  for (let at = 0; at < names.length; at += reviewsAtOnce) {
    const some = names.slice(at, at + reviewsAtOnce)
    const answers = await Promise.all(some.map(ask))
    allowed.push(...some.filter((_, index) => answers[index]))
  }
  return allowed.sort()
}

function isReserved(ctx: Context, name: string): boolean {
  return (
    name === ctx.servingNamespace ||
    name === 'bindery-system' ||
    name === 'tekton-pipelines' ||
    name.startsWith('kube-')
  )
}

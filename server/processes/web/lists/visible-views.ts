import { bindingResource, viewerOf } from '#server/access/verbs/binding-access.ts'
import { type BindingViewer, bindingView } from '#server/access/views/binding-view.ts'
import type { Context } from '#server/context.ts'
import type { ListKind, ListViews } from '#server/processes/web/views/list-events.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { isOfNamespace } from '#server/runs/model/of-this-namespace.ts'
import { runResource, runRightsOf } from '#server/runs/verbs/run-access.ts'
import { bindingOf, type RunRights, runView } from '#server/runs/views/run-view.ts'
import { serviceResource } from '#server/serving/verbs/list-services.ts'
import { serviceView } from '#server/serving/views/service-view.ts'
import type { Person, Watches } from './live-lists.ts'

/** What a person may see and do, asked once per round: namespace by namespace, and only where there is something. */
export type Rights = {
  services: boolean
  runs: boolean
  runRights: RunRights
  /** Those that were reviewed. */
  namespaces: ReadonlySet<string>
  /** By namespace; absent where they may not list bindings. */
  viewers: Map<string, BindingViewer>
}

export async function rightsOf(
  person: Person,
  may: Context['may'],
  servingNamespace: string,
  among: Iterable<string>,
): Promise<Rights> {
  const namespace = servingNamespace
  const ctx = { actor: person, may }
  const namespaces = new Set(among)
  const viewers = new Map<string, BindingViewer>()
  const [services, runs, runRights] = await Promise.all([
    may({ verb: 'list', resource: serviceResource, namespace }),
    may({ verb: 'list', resource: runResource, namespace }),
    runRightsOf(ctx, namespace),
    ...[...namespaces].map(async (name) => {
      if (await may({ verb: 'list', resource: bindingResource, namespace: name })) {
        viewers.set(name, await viewerOf(ctx, name))
      }
    }),
  ])
  return { services, runs, runRights, namespaces, viewers }
}

/** The object behind `id` as the person may see it now; undefined where they may not, or there is none. */
export function visibleView<K extends ListKind>(
  kind: K,
  id: string,
  watches: Watches & { redaction: Redaction },
  rights: Rights,
  now: Date,
): ListViews[ListKind] | undefined {
  switch (kind) {
    case 'services': {
      const service = rights.services ? watches.services.get(id) : undefined
      return service && serviceView(service)
    }
    case 'bindings': {
      const binding = watches.bindings.get(id)
      const viewer = binding && rights.viewers.get(binding.metadata.namespace ?? '')
      if (!binding || !viewer) return undefined
      const { namespace, name } = binding.spec.modelService
      return bindingView(binding, watches.services.get(`${namespace}/${name}`), viewer, now)
    }
    default: {
      const run = watches.runs.get(id) ?? watches.gone.get(id)
      if (!run) return undefined
      const binding = bindingOf(run)
      const home = binding && watches.namespaces.get(binding.namespace)
      const isTheirs =
        binding &&
        rights.viewers.has(binding.namespace) &&
        isOfNamespace(run.metadata.creationTimestamp, home)
      const may = rights.runs || isTheirs
      return may ? runView(watches.redaction.object(run), rights.runRights) : undefined
    }
  }
}

/** The namespace of the binding behind what is shown; undefined where there is none. */
export function bindingNamespace(watches: Watches, kind: ListKind, id: string): string | undefined {
  if (kind === 'bindings') return id.slice(0, id.indexOf('/'))
  const run = kind === 'runs' ? watches.runs.get(id) : undefined
  return run && bindingOf(run)?.namespace
}

/** Namespaces in which there is something to be asked about. */
export function namespacesIn(watches: Watches): string[] {
  const ofBindings = watches.bindings.list().map((one) => one.metadata.namespace ?? '')
  const ofRuns = watches.runs.list().flatMap((run) => bindingOf(run)?.namespace ?? [])
  return [...ofBindings, ...ofRuns]
}

import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { EndpointSlice } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { labels } from '#server/platform/model/names.ts'

const serviceNameLabel = 'kubernetes.io/service-name'

export type StraySlices = {
  /** Slices of others that name the binding's alias. */
  of(binding: ModelBinding): EndpointSlice[]
  synced(signal: AbortSignal): Promise<void>
}

/**
 * Whatever leads the alias of a binding somewhere and is not the binding's own, in one watch of the whole cluster: by the
 * names of aliases that are kept by slices, begun again when there is another such name. `onChange` is told the binding
 * as `namespace/name`.
 */
export function watchStraySlices(
  kube: Kube,
  bindings: SharedWatch<ModelBinding>,
  signal: AbortSignal,
  onChange: (binding: string) => void,
): StraySlices {
  let names = ''
  let current: { watch: SharedWatch<EndpointSlice>; ending: AbortController } | undefined
  const byAlias = new Map<string, string>()

  function settle() {
    byAlias.clear()
    for (const binding of bindings.list()) {
      const alias = aliasOf(binding)
      if (alias) byAlias.set(`${binding.metadata.namespace}/${alias}`, keyOf(binding))
    }
    const wanted = [...new Set([...byAlias.keys()].map((key) => key.split('/')[1] ?? ''))].sort()
    if (wanted.join() === names) return
    names = wanted.join()
    const past = current
    current = wanted.length > 0 ? follow(wanted) : undefined
    past?.ending.abort()
  }

  function follow(wanted: string[]) {
    const ending = new AbortController()
    const end = () => ending.abort()
    signal.addEventListener('abort', end, { once: true })
    ending.signal.addEventListener('abort', () => signal.removeEventListener('abort', end))
    const labelSelector = `${serviceNameLabel} in (${wanted.join(',')})`
    const watch = sharedWatch(kube, EndpointSlice, { labelSelector, signal: ending.signal })
    const look = ({ metadata }: EndpointSlice) => {
      const binding = byAlias.get(`${metadata.namespace}/${metadata.labels?.[serviceNameLabel]}`)
      if (binding) onChange(binding)
    }
    watch.subscribe((event) => {
      if (event.type === 'snapshot') for (const slice of event.objects) look(slice)
      else if (event.type !== 'stale') look(event.object)
    }, ending.signal)
    return { watch, ending }
  }

  bindings.subscribe((event) => {
    if (event.type !== 'stale') settle()
  }, signal)

  return {
    of(binding) {
      const { namespace, uid } = binding.metadata
      const alias = aliasOf(binding)
      if (!alias) return []
      return (current?.watch.list() ?? []).filter(
        ({ metadata }) =>
          metadata.namespace === namespace &&
          metadata.labels?.[serviceNameLabel] === alias &&
          metadata.labels[labels.bindingUid] !== uid,
      )
    },
    async synced(until) {
      await bindings.synced(until)
      // Another watch may have taken its place meanwhile.
      while (current && !current.watch.isSynced()) await current.watch.synced(until)
    },
  }
}

function aliasOf({ status }: ModelBinding): string | undefined {
  return status?.granted?.strategy === 'EndpointSlice' ? status.granted.alias : undefined
}

import { isDecidable } from '#server/access/model/decide.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { labels } from '#server/platform/model/names.ts'
import { isOwn } from './plan-objects.ts'

type Named = { watch: SharedWatch<Service>; asking: Map<string, string>; ending: AbortController }

/** More names at once are looked at when they are approved, like all of them. */
const namesMax = 50

/**
 * Whether the names that waiting requests ask for are somebody else's: one watch for each name, of Services that no
 * binding made, while anybody asks for it. `onChange` is told the binding as `namespace/name`.
 */
export function watchAliasNames(
  kube: Kube,
  bindings: SharedWatch<ModelBinding>,
  signal: AbortSignal,
  onChange: (binding: string) => void,
) {
  const names = new Map<string, Named>()
  const askedBy = new Map<string, string>()

  function drop(key: string) {
    const alias = askedBy.get(key)
    const named = alias === undefined ? undefined : names.get(alias)
    if (alias === undefined || !named) return
    askedBy.delete(key)
    named.asking.delete(key)
    if (named.asking.size > 0) return
    names.delete(alias)
    named.ending.abort()
  }

  function put(binding: ModelBinding) {
    const key = keyOf(binding)
    const { namespace = '' } = binding.metadata
    const alias = isDecidable(binding) ? binding.spec.alias : undefined
    if (askedBy.get(key) === alias) return
    drop(key)
    if (alias === undefined) return
    const named = names.get(alias) ?? (names.size < namesMax ? watchName(alias) : undefined)
    if (!named) return
    names.set(alias, named)
    named.asking.set(key, namespace)
    askedBy.set(key, alias)
    if (named.watch.isSynced()) onChange(key)
  }

  function watchName(alias: string): Named {
    const ending = new AbortController()
    const either = AbortSignal.any([signal, ending.signal])
    const watch = sharedWatch(kube, Service, {
      labelSelector: `!${labels.bindingUid}`,
      fieldSelector: `metadata.name=${alias}`,
      signal: either,
    })
    const asking = new Map<string, string>()
    watch.subscribe((event) => {
      if (event.type === 'stale') return
      for (const [key, namespace] of asking) {
        if (event.type === 'snapshot' || event.object.metadata.namespace === namespace) {
          onChange(key)
        }
      }
    }, either)
    return { watch, asking, ending }
  }

  bindings.subscribe((event) => {
    if (event.type === 'snapshot') for (const binding of event.objects) put(binding)
    else if (event.type === 'upsert') put(event.object)
    else if (event.type === 'remove') drop(keyOf(event.object))
  }, signal)

  return {
    /** As last seen; what is not known yet comes as a change. */
    isTaken(binding: ModelBinding): boolean {
      const { metadata, spec } = binding
      const service = names.get(spec.alias)?.watch.get(`${metadata.namespace}/${spec.alias}`)
      return service !== undefined && isDecidable(binding) && !isOwn(service, metadata)
    },
  }
}

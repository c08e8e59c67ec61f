import type { Kube } from '#server/platform/kube/kube.ts'
import { keyOf, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Kind, KubeObject, ObjectMeta } from '#server/platform/model/kubernetes.ts'
import { labels } from '#server/platform/model/names.ts'

/** Objects that carry the uid of a binding, found by it; `onChange` is told the binding as `namespace/name`. */
export function watchByBinding<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  options: { namespace?: string; labelSelector?: string; signal: AbortSignal },
  onChange: (binding: string) => void,
) {
  const { signal } = options
  const watch = sharedWatch(kube, kind, options)
  const byUid = new Map<string, Map<string, T>>()
  /** Labels may be edited, too: where an object was is remembered by its key. */
  const ownerOf = new Map<string, { uid: string; binding: string }>()

  function drop(key: string) {
    const owner = ownerOf.get(key)
    if (!owner) return
    ownerOf.delete(key)
    const objects = byUid.get(owner.uid)
    objects?.delete(key)
    if (objects?.size === 0) byUid.delete(owner.uid)
    if (owner.binding) onChange(owner.binding)
  }

  function put(object: T) {
    const key = keyOf(object)
    const { uid, binding } = ownerIn(object.metadata)
    if (ownerOf.get(key)?.uid !== uid) drop(key)
    if (!uid) return
    ownerOf.set(key, { uid, binding })
    const objects = byUid.get(uid) ?? new Map<string, T>()
    byUid.set(uid, objects.set(key, object))
    if (binding) onChange(binding)
  }

  watch.subscribe((event) => {
    if (event.type === 'snapshot') {
      const keys = new Set(event.objects.map(keyOf))
      for (const key of [...ownerOf.keys()]) if (!keys.has(key)) drop(key)
      for (const object of event.objects) put(object)
    } else if (event.type === 'upsert') put(event.object)
    else if (event.type === 'remove') drop(keyOf(event.object))
  }, signal)

  return {
    of: (uid: string) => [...(byUid.get(uid)?.values() ?? [])],
    list: () => watch.list(),
    isSynced: () => watch.isSynced(),
    synced: (until: AbortSignal) => watch.synced(until),
  }
}

function ownerIn({ labels: said = {} }: ObjectMeta): { uid: string; binding: string } {
  const { [labels.bindingNamespace]: namespace = '', [labels.bindingName]: name = '' } = said
  // Marked by hand, in part: there is no binding of that name to look at.
  const binding = namespace && name ? `${namespace}/${name}` : ''
  return { uid: said[labels.bindingUid] ?? '', binding }
}

import { sha256 } from 'js-sha256'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { activeGrant } from '#server/access/model/requested-changes.ts'
import type { RingMoveView, RingShare } from '#server/serving/views/ring-views.ts'
import type { Ring } from './model-service.ts'

/** Where a binding is, or is on its way to; undefined where nothing is granted. */
export function ringOf(binding: ModelBinding): Ring | undefined {
  return binding.status?.move?.ring ?? activeGrant(binding)?.ring
}

/**
 * What has to move so that the share holds. A share in percent is one of tenants, not of bindings: a namespace is on one
 * ring as a whole. Which ones follows from their names alone, the same each time, and a larger share keeps who was in the
 * smaller one, so that nobody goes back and forth while a release is widened.
 */
export function movesFor(bindings: ModelBinding[], share: RingShare): RingMoveView[] {
  const standing = bindings.filter((binding) => ringOf(binding) !== undefined)
  const wanted = 'canaryPercent' in share ? byPercent(standing, share.canaryPercent) : byName(share)
  return standing
    .flatMap((binding) => {
      const { namespace = '', name } = binding.metadata
      const from = ringOf(binding)
      const to = wanted(namespace)
      return from && to && from !== to ? [{ namespace, name, from, to }] : []
    })
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))
}

function byPercent(bindings: ModelBinding[], percent: number): (namespace: string) => Ring {
  const namespaces = [...new Set(bindings.map(({ metadata }) => metadata.namespace ?? ''))]
  const chosen = namespaces
    .map((namespace) => ({ namespace, place: sha256(`bindery.dev/ring/${namespace}`) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, Math.round((namespaces.length * percent) / 100))
  const canary = new Set(chosen.map(({ namespace }) => namespace))
  return (namespace) => (canary.has(namespace) ? 'canary' : 'stable')
}

function byName(share: Exclude<RingShare, { canaryPercent: number }>) {
  const named = new Set(share.namespaces)
  return (namespace: string): Ring | undefined => (named.has(namespace) ? share.ring : undefined)
}

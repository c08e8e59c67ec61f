import { sha256 } from 'js-sha256'
import type { ObjectMeta } from '#server/platform/model/kubernetes.ts'

type Named = { metadata: ObjectMeta }

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** Eight letters (40 bits) from namespace, name and uid: a binding that is made anew gets other names. */
export function bindingHash(binding: Named): string {
  const { namespace, name, uid } = binding.metadata
  const bytes = sha256.array(`${namespace}/${name}/${uid}`)
  return bytes
    .slice(0, 8)
    .map((byte) => alphabet[byte % 32])
    .join('')
}

export function bindRunName(binding: Named, generation: number, attempt: number): string {
  const name = `bind-${bindingHash(binding)}-${generation}`
  return attempt === 0 ? name : `${name}-${attempt}`
}

export function unbindRunName(binding: Named, generation: number, attempt: number): string {
  return `unbind-${bindingHash(binding)}-${generation}-${attempt}`
}

/** The allow policy in the serving namespace. */
export function policyName(binding: Named): string {
  return `bind-${bindingHash(binding)}`
}

/** Slice of an alias that is a Service without selector. */
export function sliceName(alias: string): string {
  return `${alias}-bindery`
}

export type RightsHolder = 'binder' | 'controller'

/** RoleBinding in the tenant's namespace. */
export function rightsName(binding: Named, holder: RightsHolder): string {
  return `bindery-${holder}-${bindingHash(binding)}`
}

export function idOf(object: Named): string {
  return `${object.metadata.namespace}/${object.metadata.name}`
}

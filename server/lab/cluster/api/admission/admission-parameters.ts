import type { Store } from '#server/lab/cluster/api/store/store.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'

const policies = 'validatingadmissionpolicies.admissionregistration.k8s.io'
const bindings = 'validatingadmissionpolicybindings.admissionregistration.k8s.io'

/** By store: kinds whose informer was stopped. */
const stopped = new WeakMap<Store, Set<string>>()

/**
 * Does what an API server (1.36) does with informers of built-in parameter kinds: when the last bound policy with such
 * parameters goes, the shared informer is stopped, and is not started again for a later one.
 */
export function startParameterInformers(store: Store): void {
  const over = new Set<string>()
  stopped.set(store, over)
  let used = new Set<string>()
  const update = () => {
    const now = usedKinds(store)
    for (const kind of used) if (!now.has(kind)) over.add(kind)
    used = now
  }
  store.onChange(policies, update)
  store.onChange(bindings, update)
}

function usedKinds(store: Store): Set<string> {
  const bound = new Set(store.list(bindings).map(({ spec }) => spec?.policyName))
  const used = store.list(policies).filter(({ metadata }) => bound.has(metadata.name))
  return new Set(used.flatMap(({ spec }) => (spec?.paramKind ? [kindOf(spec.paramKind)] : [])))
}

function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${apiVersion}/${kind}`
}

/**
 * The ConfigMap that the binding names; undefined where the policy has no parameters, or may do without.
 * @throws Error that refuses the request, whatever the policy's conditions say: they are looked at later
 */
export function parametersOf(
  store: Store,
  { spec }: KubeObject,
  binding: KubeObject,
): KubeObject | undefined {
  if (!spec?.paramKind) return undefined
  const { apiVersion, kind } = spec.paramKind
  const { name, namespace, parameterNotFoundAction } = binding.spec?.paramRef ?? {}
  if (apiVersion !== 'v1' || kind !== 'ConfigMap' || !name || !namespace)
    throw new Error(
      'the embedded cluster knows only ConfigMaps, by name, as parameters of policies',
    )
  const blind = stopped.get(store)?.has(kindOf(spec.paramKind)) ?? false
  const found = blind ? undefined : store.get('configmaps', namespace, name)
  if (found || parameterNotFoundAction === 'Allow') return found
  throw new Error(
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  )
}

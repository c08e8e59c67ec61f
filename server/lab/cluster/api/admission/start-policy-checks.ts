import type { Api } from '#server/lab/cluster/api/api.ts'
import { checkPolicyTypes } from './check-policy-types.ts'

const policies = 'validatingadmissionpolicies.admissionregistration.k8s.io'

/** Keeps `status.typeChecking` of policies, as a controller of the control plane does: a moment after each change. */
export function startPolicyChecks({ client, registry, warn }: Api, signal: AbortSignal): void {
  client.watch(
    policies,
    ({ type, object }) => {
      const { name, generation } = object.metadata
      if (type === 'DELETED' || object.status?.observedGeneration === generation) return
      setImmediate(() => {
        const policy = client.find(policies, undefined, name)
        if (signal.aborted || !policy || policy.metadata.generation !== generation) return
        try {
          const expressionWarnings = checkPolicyTypes(registry, policy)
          const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {}
          const status = { ...policy.status, observedGeneration: generation, typeChecking }
          client.replaceStatus(policies, { ...policy, status })
        } catch (error) {
          warn?.(`policy ${name} was not type-checked: ${error}`)
        }
      })
    },
    signal,
  )
}

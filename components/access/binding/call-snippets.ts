import type { BindingView } from '#server/access/views/binding.ts'
import { gatewayAudience } from '#server/platform/model/names.ts'

const tokenPath = '/var/run/secrets/bindery/token'

/** What a pod of the tenant sends; the token is the one that the pod below mounts. */
export function curlFor(binding: Pick<BindingView, 'address' | 'receipt'>): string {
  const model = binding.receipt?.model ?? 'vibethinker-1.5b'
  return `curl -N ${binding.address}/v1/chat/completions \\
  -H "Authorization: Bearer $(cat ${tokenPath})" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "stream": true, "messages": [{"role": "user", "content": "Solve x^2 - 5x + 6 = 0."}]}'`
}

/** A pod whose projected token carries our audience, so that it is good for the gateway and nothing else. */
export function podFor(binding: Pick<BindingView, 'namespace'>): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ask-the-model
  namespace: ${binding.namespace}
spec:
  containers:
    - name: ask
      image: curlimages/curl
      command: [sleep, infinity]
      volumeMounts:
        - { name: bindery-token, mountPath: /var/run/secrets/bindery, readOnly: true }
  volumes:
    - name: bindery-token
      projected:
        sources:
          - serviceAccountToken: { audience: ${gatewayAudience}, path: token, expirationSeconds: 3600 }`
}

import type { Kube, WatchedEvent } from '#server/platform/kube/kube.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

/** A pod as far as it says whose address an address is. */
type CallerPod = KubeObject & {
  spec: { hostNetwork?: boolean; serviceAccountName?: string }
  status?: { phase?: string; podIP?: string; podIPs?: { ip: string }[] }
}
const CallerPod: Kind<CallerPod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
}

export type Caller = { namespace: string; serviceAccount: string }

export type CallerPods = {
  /** False while no ModelService wants pods to be recognised: none are watched then. */
  isOn(): boolean
  isSynced(): boolean
  /** Whose address it is, if it is one pod's alone; waits a moment for a pod that has just started. */
  find(ip: string, signal: AbortSignal): Promise<Caller | undefined>
}

const newPodMs = 1_500

/** Running pods by address, watched only while a ModelService lets callers be recognised by it. */
export function callerPods(
  kube: Kube,
  services: SharedWatch<ModelService>,
  signal: AbortSignal,
): CallerPods {
  const byIp = new Map<string, Map<string, CallerPod>>()
  const addresses = new Map<string, string[]>()
  const waiting = new Set<() => void>()
  let on: { watch: SharedWatch<CallerPod>; ending: AbortController } | undefined

  function forget(key: string) {
    for (const ip of addresses.get(key) ?? []) {
      byIp.get(ip)?.delete(key)
      if (byIp.get(ip)?.size === 0) byIp.delete(ip)
    }
    addresses.delete(key)
  }

  function learn(pod: CallerPod) {
    const key = keyOf(pod)
    forget(key)
    // An address of the node is not the pod's own; that of an ended pod may be another's by now.
    if (pod.status?.phase !== 'Running' || pod.spec.hostNetwork) return
    const { podIP, podIPs = [] } = pod.status
    const ips = [...new Set([podIP ?? [], podIPs.map(({ ip }) => ip)].flat())]
    addresses.set(key, ips)
    for (const ip of ips) byIp.set(ip, (byIp.get(ip) ?? new Map()).set(key, pod))
  }

  function hear(event: WatchedEvent<CallerPod>) {
    if (event.type === 'snapshot') {
      for (const key of [...addresses.keys()]) forget(key)
      for (const pod of event.objects) learn(pod)
    } else if (event.type === 'upsert') learn(event.object)
    else if (event.type === 'remove') forget(keyOf(event.object))
    for (const look of [...waiting]) look()
  }

  function turn() {
    const wanted = services.list().some(({ spec }) => spec.identity?.podIP)
    if (wanted && !on) {
      const ending = new AbortController()
      const either = AbortSignal.any([signal, ending.signal])
      const fieldSelector = 'status.phase=Running'
      on = { watch: sharedWatch(kube, CallerPod, { fieldSelector, signal: either }), ending }
      on.watch.subscribe(hear, either)
    } else if (!wanted && on) {
      on.ending.abort()
      on = undefined
      byIp.clear()
      addresses.clear()
    }
  }
  services.subscribe(turn, signal)

  function look(ip: string): Caller | undefined {
    const pods = [...(byIp.get(ip)?.values() ?? [])]
    const [pod] = pods
    if (!pod || pods.length > 1) return undefined
    const { serviceAccountName: serviceAccount = 'default' } = pod.spec
    return { namespace: pod.metadata.namespace ?? '', serviceAccount }
  }

  return {
    isOn: () => on !== undefined,
    isSynced: () => services.isSynced() && (on?.watch.isSynced() ?? true),
    find(ip, gone) {
      const found = look(ip)
      if (found || byIp.has(ip) || gone.aborted) return Promise.resolve(found)
      return new Promise((resolve) => {
        const end = (caller: Caller | undefined) => {
          waiting.delete(again)
          clearTimeout(timer)
          gone.removeEventListener('abort', giveUp)
          resolve(caller)
        }
        const again = () => {
          const caller = look(ip)
          if (caller) end(caller)
        }
        const giveUp = () => end(undefined)
        const timer = setTimeout(giveUp, newPodMs)
        gone.addEventListener('abort', giveUp, { once: true })
        waiting.add(again)
      })
    },
  }
}

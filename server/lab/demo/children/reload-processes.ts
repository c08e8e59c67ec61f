import { Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'

const ours = 'app.kubernetes.io/name in (bindery-controller, bindery-gateway)'

/** Ends the pods of our processes: their Deployments start them anew, from the bundle as it is now. */
export async function reloadPods(kube: Kube): Promise<void> {
  for (const pod of await kube.list(Pod, { labelSelector: ours })) {
    await kube.remove(Pod, pod.metadata)
  }
}

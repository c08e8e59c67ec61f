import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

/** Argo Rollouts, the parts that are read and patched; where it is not installed, asking says `kube.kindNotServed`. */
export type Rollout = KubeObject & {
  spec: {
    paused?: boolean
    selector?: { matchLabels?: Record<string, string> }
    template?: { metadata?: { labels?: Record<string, string> } }
    strategy?: { canary?: { steps?: object[] }; blueGreen?: object }
  }
  status?: {
    phase?: string
    message?: string
    abort?: boolean
    promoteFull?: boolean
    pauseConditions?: object[]
    currentStepIndex?: number
    currentPodHash?: string
    stableRS?: string
  }
}

export const Rollout: Kind<Rollout> = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Rollout',
  plural: 'rollouts',
  namespaced: true,
}

export type ReplicaSet = KubeObject & {
  spec: { template: { metadata?: { labels?: Record<string, string> } } }
}

export const ReplicaSet: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
}

import type { KubeObject } from '#server/lab/cluster/client.ts'
import { rfc3339 } from './clock.ts'
import type { Launch } from './container/container-launch.ts'
import type { ContainerProcess } from './container/container-process.ts'
import type { ContainerSpec } from './environment.ts'
import type { ContainerLog } from './log/container-log.ts'

export type Terminated = {
  exitCode: number
  reason: string
  message?: string
  startedAt: string | null
  finishedAt: string | null
  containerID?: string
}

export type ContainerState =
  | { waiting: { reason: string; message?: string } }
  | { running: { startedAt: string } }
  | { terminated: Terminated }

/** `init` runs to its end before the next; `sidecar` is an init container that stays; `main` is the pod's work. */
export type ContainerKind = 'init' | 'sidecar' | 'main'

/** What the kubelet knows of one container; the status is derived from it. */
export type ContainerRun = {
  kind: ContainerKind
  spec: ContainerSpec
  state: ContainerState
  lastState: { terminated?: Terminated }
  restartCount: number
  /** The readiness probe's last word; true from the start without one. */
  probedReady: boolean
  /** Running, and its startup probe has succeeded. */
  started: boolean
  imageID: string
  containerID: string
  user?: { uid: number; gid: number }
  /** While its process lives. */
  running?: { process: ContainerProcess; launch: Launch }
  /** Its definition changed: it is started again whatever the restart policy. */
  replaced?: boolean
  log?: ContainerLog
  previousLog?: ContainerLog
}

/** What the kubelet knows of one pod. */
export type PodRun = {
  pod: KubeObject
  containers: ContainerRun[]
  sandboxReady: boolean
  podIp: string | undefined
  nodeIp: string
  startTime: string
  /** Set when nothing runs any more and nothing will: the phase is final. */
  finished: boolean
  /** The pod is deleted: its logs are removed already, then its containers too, then it. */
  removing?: 'logs' | 'containers'
  /** Why the kubelet itself ended the pod, e.g. DeadlineExceeded. */
  ended?: { reason: string; message: string }
}

export function newPodRun(pod: KubeObject, nodeIp: string): PodRun {
  const init: ContainerSpec[] = pod.spec.initContainers ?? []
  const main: ContainerSpec[] = pod.spec.containers
  const waiting = init.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const runOf = (spec: ContainerSpec, kind: ContainerKind): ContainerRun => ({
    kind,
    spec,
    state: { waiting: { reason: waiting } },
    lastState: {},
    restartCount: 0,
    probedReady: !spec.readinessProbe,
    started: false,
    imageID: '',
    containerID: '',
  })
  return {
    pod,
    containers: [
      ...init.map((spec) => runOf(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init')),
      ...main.map((spec) => runOf(spec, 'main')),
    ],
    sandboxReady: false,
    podIp: undefined,
    nodeIp,
    startTime: rfc3339(),
    finished: false,
  }
}

export function isRunning(run: ContainerRun): boolean {
  return 'running' in run.state
}

/** The state of a container that has ended, if it has. */
export function terminatedOf(run: ContainerRun): Terminated | undefined {
  return 'terminated' in run.state ? run.state.terminated : undefined
}

/** Initialised: every init container has succeeded, every sidecar has started. */
export function isInitialized(run: ContainerRun): boolean {
  if (run.kind === 'main') return true
  if (run.kind === 'sidecar') return run.started || terminatedOf(run) !== undefined
  return terminatedOf(run)?.exitCode === 0
}

import { rfc3339 } from './clock.ts'
import {
  type ContainerRun,
  isInitialized,
  isRunning,
  type PodRun,
  terminatedOf,
} from './pod-run.ts'

type Condition = {
  type: string
  status: 'True' | 'False'
  observedGeneration?: number
  lastProbeTime: null
  lastTransitionTime: string
  reason?: string
  message?: string
}

type VolumeMount = { name: string; mountPath: string; readOnly?: boolean }

/** The status of a pod, shaped as the kubelet writes it; conditions of others (PodScheduled, gates) are kept. */
export function podStatus(run: PodRun): Record<string, unknown> {
  const { pod } = run
  const phase = phaseOf(run)
  const init = run.containers.filter((one) => one.kind !== 'main')
  const main = run.containers.filter((one) => one.kind === 'main')
  const kept = pod.status ?? {}
  return {
    observedGeneration: pod.metadata.generation,
    phase,
    ...(run.ended ?? {}),
    conditions: conditionsOf(run, phase),
    hostIP: run.nodeIp,
    hostIPs: [{ ip: run.nodeIp }],
    ...(run.podIp ? { podIP: run.podIp, podIPs: [{ ip: run.podIp }] } : {}),
    startTime: run.startTime,
    ...(init.length > 0
      ? { initContainerStatuses: init.map((one) => containerStatus(one, run)) }
      : {}),
    containerStatuses: main
      .map((one) => containerStatus(one, run))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    qosClass: kept.qosClass,
  }
}

export function phaseOf(run: PodRun): string {
  const main = run.containers.filter((one) => one.kind === 'main')
  if (run.finished) {
    const initFailed = run.containers.some((one) => !isInitialized(one))
    const failed = main.some((one) => terminatedOf(one)?.exitCode !== 0)
    return run.ended || initFailed || failed ? 'Failed' : 'Succeeded'
  }
  if (run.containers.some((one) => !isInitialized(one) && !restartedSidecar(one))) return 'Pending'
  const neverRan = main.some((one) => 'waiting' in one.state && !one.lastState.terminated)
  if (neverRan) return 'Pending'
  // All may have ended: until the sandbox is gone the kubelet still calls the pod running.
  return 'Running'
}

function restartedSidecar(run: ContainerRun): boolean {
  return run.kind === 'sidecar' && run.restartCount > 0
}

function conditionsOf(run: PodRun, phase: string): Condition[] {
  const { pod } = run
  const main = run.containers.filter((one) => one.kind === 'main')
  const done =
    main.every((one) => terminatedOf(one)) && (run.finished || pod.spec.restartPolicy !== 'Always')
  const succeeded = main.every((one) => terminatedOf(one)?.exitCode === 0)
  const completed = done && (succeeded ? 'PodCompleted' : 'PodFailed')

  const incomplete = run.containers.filter((one) => !isInitialized(one)).map((one) => one.spec.name)
  const unready = run.containers
    .filter((one) => one.kind !== 'init' && !isReady(one))
    .map((one) => one.spec.name)
  const containersReady = readiness(completed, unready)
  const gates: string[] = (pod.spec.readinessGates ?? []).map(
    (one: { conditionType: string }) => one.conditionType,
  )
  const others: Condition[] = pod.status?.conditions ?? []
  const closed = gates.filter((gate) => others.find((one) => one.type === gate)?.status !== 'True')
  const ready =
    containersReady.status === 'True' && closed.length > 0
      ? unmet(
          'ReadinessGatesNotReady',
          closed
            .map(
              (gate) => `corresponding condition of pod readiness gate "${gate}" does not exist.`,
            )
            .join(', '),
        )
      : containersReady

  const own: Record<string, Pick<Condition, 'status' | 'reason' | 'message'>> = {
    PodReadyToStartContainers: { status: run.sandboxReady && !run.finished ? 'True' : 'False' },
    Initialized:
      incomplete.length > 0
        ? unmet(
            'ContainersNotInitialized',
            `containers with incomplete status: [${incomplete.join(' ')}]`,
          )
        : completed === 'PodCompleted' || phase === 'Succeeded'
          ? { status: 'True', reason: 'PodCompleted' }
          : { status: 'True' },
    Ready: ready,
    ContainersReady: containersReady,
  }
  const written = Object.entries(own).map(([type, condition]) => {
    const before = others.find((one) => one.type === type)
    return {
      type,
      observedGeneration: pod.metadata.generation,
      status: condition.status,
      lastProbeTime: null,
      lastTransitionTime:
        before?.status === condition.status ? before.lastTransitionTime : rfc3339(),
      ...(condition.reason ? { reason: condition.reason } : {}),
      ...(condition.message ? { message: condition.message } : {}),
    }
  })
  const foreign = others
    .filter((one) => !Object.hasOwn(own, one.type))
    .map((one) => (one.type === 'PodScheduled' ? scheduled(one, pod.metadata.generation) : one))
  return [...written, ...foreign]
}

function scheduled(condition: Condition, generation: number | undefined): Condition {
  const { type, ...rest } = condition
  return { type, observedGeneration: generation, ...rest }
}

function readiness(
  completed: string | false,
  unready: string[],
): Pick<Condition, 'status' | 'reason' | 'message'> {
  if (completed) return { status: 'False', reason: completed }
  if (unready.length === 0) return { status: 'True' }
  return unmet('ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`)
}

function unmet(reason: string, message: string): Pick<Condition, 'status' | 'reason' | 'message'> {
  return { status: 'False', reason, message }
}

function isReady(run: ContainerRun): boolean {
  return isRunning(run) && run.started && run.probedReady
}

function containerStatus(one: ContainerRun, run: PodRun) {
  const mounts = (one.spec.volumeMounts ?? []) as VolumeMount[]
  const ended = terminatedOf(one)
  const ready = one.kind === 'init' ? ended?.exitCode === 0 : isReady(one)
  return {
    name: one.spec.name,
    state:
      run.finished && 'waiting' in one.state && one.kind !== 'init' && isGone(run)
        ? lost
        : one.state,
    lastState: one.lastState,
    ready,
    restartCount: one.restartCount,
    image: one.spec.image,
    imageID: one.imageID,
    ...(one.containerID ? { containerID: one.containerID } : {}),
    started: isRunning(one) && one.started,
    ...(one.containerID ? { resources: one.spec.resources ?? {} } : {}),
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
    })),
    ...(one.containerID ? { user: userOf(one) } : {}),
  }
}

/** The pod was deleted: containers that never ran are reported as lost. */
function isGone(run: PodRun): boolean {
  return run.pod.metadata.deletionTimestamp !== undefined
}

const lost = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    startedAt: null,
    finishedAt: null,
  },
}

function userOf(run: ContainerRun) {
  const { uid, gid } = run.user ?? { uid: 0, gid: 0 }
  return { linux: { uid, gid, supplementalGroups: [gid] } }
}

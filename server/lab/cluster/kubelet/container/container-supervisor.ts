import { setTimeout as delay } from 'node:timers/promises'
import { rfc3339 } from '#server/lab/cluster/kubelet/clock.ts'
import { crashBackoff } from '#server/lab/cluster/kubelet/crash-backoff.ts'
import { ConfigError } from '#server/lab/cluster/kubelet/environment.ts'
import { PullError } from '#server/lab/cluster/kubelet/image-pull.ts'
import { type ContainerRun, terminatedOf } from '#server/lab/cluster/kubelet/pod-run.ts'
import type { PodControl } from '#server/lab/cluster/kubelet/pod-worker.ts'
import {
  attempt,
  type Handler,
  type Probe,
  type ProbeTarget,
  runProbe,
} from '#server/lab/cluster/kubelet/probes.ts'
import { type Launch, StartError } from './container-launch.ts'
import {
  endedState,
  execIn,
  record,
  type StartedContainer,
  startContainer,
} from './run-container.ts'

/** `started`: running, with its startup probe passed. `ended`: it has ended for good. */
export type Supervision = { started: Promise<void>; ended: Promise<void> }

const pullBackoffMaxMs = 300_000

/** Keeps one container as its restart policy wants it, until the pod ends. */
export function supervise(control: PodControl, container: ContainerRun): Supervision {
  let markStarted = () => {}
  const started = new Promise<void>((resolve) => {
    markStarted = resolve
  })
  return { started, ended: keepRunning(control, container, markStarted) }
}

async function keepRunning(
  control: PodControl,
  container: ContainerRun,
  markStarted: () => void,
): Promise<void> {
  const { context, run, ending } = control
  const backoff = crashBackoff(context.crashBackoffMs)
  while (!ending.aborted) {
    const startedMs = Date.now()
    const exitCode = await runOnce(control, container, markStarted)
    if (exitCode === undefined) return
    const replaced = container.replaced === true
    container.replaced = false
    if (ending.aborted || !(replaced || restarts(control, container, exitCode))) return

    const waitMs = replaced ? 0 : backoff.next(Date.now() - startedMs)
    if (waitMs > 0) {
      const ended = terminatedOf(container)
      if (ended) container.lastState = { terminated: ended }
      const { name } = container.spec
      const { metadata } = run.pod
      const whom = `${name} in pod ${metadata.name}_${metadata.namespace}(${metadata.uid})`
      const message = `back-off ${duration(waitMs)} restarting failed container=${name} pod=${metadata.name}_${metadata.namespace}(${metadata.uid})`
      container.state = { waiting: { reason: 'CrashLoopBackOff', message } }
      record(
        context,
        run,
        container,
        'BackOff',
        `Back-off restarting failed container ${whom}`,
        'Warning',
      )
      control.publish()
      await pause(waitMs, ending)
    }
    const ended = terminatedOf(container)
    if (ended) container.lastState = { terminated: ended }
    if (!ending.aborted) container.restartCount += 1
  }
}

function restarts(control: PodControl, container: ContainerRun, exitCode: number): boolean {
  if (container.kind === 'sidecar') return true
  const policy: string = control.run.pod.spec.restartPolicy ?? 'Always'
  if (policy === 'Never') return false
  return exitCode !== 0 || (policy === 'Always' && container.kind === 'main')
}

/** One run of the container: its exit code, or undefined where the pod ended before it began. */
async function runOnce(
  control: PodControl,
  container: ContainerRun,
  markStarted: () => void,
): Promise<number | undefined> {
  const begun = await begin(control, container)
  if (begun === undefined || typeof begun === 'number') return begun
  const { process, launch } = begun
  const startedAt = rfc3339()
  container.state = { running: { startedAt } }
  container.running = begun
  container.probedReady = !container.spec.readinessProbe
  container.started = !container.spec.startupProbe
  if (container.started) markStarted()
  control.publish()
  // The pod may have been ended while the process was being started.
  if (control.ending.aborted)
    void control.stop(container, `Stopping container ${container.spec.name}`)

  const over = new AbortController()
  watchProbes(control, container, launch, markStarted, over.signal)
  const hook = (container.spec.lifecycle as { postStart?: Handler } | undefined)?.postStart
  if (hook) void attempt(hook, targetOf(control, container, launch), 60_000)

  const exitCode = await process.exited
  over.abort()
  container.running = undefined
  container.started = false
  container.state = endedState(container, launch, exitCode, startedAt)
  control.publish()
  return exitCode
}

/** Starts the process; waits and tries again where its image or configuration is missing. */
async function begin(
  control: PodControl,
  container: ContainerRun,
): Promise<StartedContainer | number | undefined> {
  const { context, run, ending } = control
  for (
    let waitMs = context.crashBackoffMs;
    !ending.aborted;
    waitMs = Math.min(waitMs * 2, pullBackoffMaxMs)
  ) {
    try {
      return await startContainer(context, run, container, {
        directory: control.directory,
        volumes: control.volumes,
        podIp: run.podIp ?? '',
      })
    } catch (error) {
      if (error instanceof StartError) {
        const at = '1970-01-01T00:00:00Z'
        const { containerID } = container
        container.state = {
          terminated: {
            exitCode: 128,
            reason: 'StartError',
            message: error.message,
            startedAt: at,
            finishedAt: rfc3339(),
            containerID,
          },
        }
        record(context, run, container, 'Failed', `Error: ${error.message}`, 'Warning')
        control.publish()
        return 128
      }
      if (!(error instanceof PullError || error instanceof ConfigError)) throw error
      await wait(control, container, error, waitMs)
    }
  }
  return undefined
}

async function wait(
  control: PodControl,
  container: ContainerRun,
  error: PullError | ConfigError,
  waitMs: number,
) {
  const { context, run, ending } = control
  const { image } = container.spec
  const reason = error instanceof PullError ? error.reason : 'CreateContainerConfigError'
  const say = (why: string, text: string) => record(context, run, container, why, text, 'Warning')
  container.state = { waiting: { reason, message: error.message } }
  if (reason === 'ErrImagePull') {
    record(context, run, container, 'Pulling', `Pulling image "${image}"`)
    say('Failed', `Failed to pull image "${image}": ${error.message}`)
    say('Failed', 'Error: ErrImagePull')
    control.publish()
    await pause(Math.min(1000, waitMs / 4), ending)
    if (ending.aborted) return
    const message = `Back-off pulling image "${image}": ErrImagePull: ${error.message}`
    container.state = { waiting: { reason: 'ImagePullBackOff', message } }
    record(context, run, container, 'BackOff', `Back-off pulling image "${image}"`)
    say('Failed', 'Error: ImagePullBackOff')
  } else if (reason === 'ErrImageNeverPull') {
    say('ErrImageNeverPull', error.message)
    say('Failed', 'Error: ErrImageNeverPull')
  } else say('Failed', `Error: ${error.message}`)
  control.publish()
  await pause(reason === 'CreateContainerConfigError' ? Math.min(waitMs, 2000) : waitMs, ending)
}

function watchProbes(
  control: PodControl,
  container: ContainerRun,
  launch: Launch,
  markStarted: () => void,
  signal: AbortSignal,
) {
  const { context, run } = control
  const { startupProbe, readinessProbe, livenessProbe } = container.spec as Record<
    string,
    Probe | undefined
  >
  const target = targetOf(control, container, launch)
  const unhealthy = (kind: string) => (output: string) =>
    record(context, run, container, 'Unhealthy', `${kind} probe failed: ${output}`, 'Warning')
  const restart = (kind: string) => {
    const { name } = container.spec
    void control.stop(container, `Container ${name} failed ${kind} probe, will be restarted`)
  }

  function watchRest() {
    if (readinessProbe) {
      const onChange = (ok: boolean) => {
        container.probedReady = ok
        control.publish()
      }
      void runProbe(readinessProbe, target, { onChange, onFailure: unhealthy('Readiness') }, signal)
    }
    if (livenessProbe) {
      const onChange = (ok: boolean) => void (ok || restart('liveness'))
      void runProbe(livenessProbe, target, { onChange, onFailure: unhealthy('Liveness') }, signal)
    }
  }

  if (!startupProbe) return watchRest()
  const passed = new AbortController()
  const onChange = (ok: boolean) => {
    if (!ok) return restart('startup')
    passed.abort()
    container.started = true
    markStarted()
    control.publish()
    watchRest()
  }
  const until = AbortSignal.any([signal, passed.signal])
  void runProbe(startupProbe, target, { onChange, onFailure: unhealthy('Startup') }, until)
}

function targetOf(control: PodControl, container: ContainerRun, launch: Launch): ProbeTarget {
  const ports = (container.spec.ports ?? []) as ProbeTarget['ports']
  return { podIp: control.run.podIp ?? '', ports, exec: execIn(launch) }
}

/** As Go prints a duration: `10s`, `2m40s`, `5m0s`. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch {
    // Aborted: the caller sees it.
  }
}

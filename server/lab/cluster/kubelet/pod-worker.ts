import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { supervise } from './container/container-supervisor.ts'
import { execIn, record } from './container/run-container.ts'
import type { KubeletContext } from './kubelet-context.ts'
import { type ContainerRun, isInitialized, isRunning, newPodRun, type PodRun } from './pod-run.ts'
import { podStatus } from './pod-status.ts'
import { attempt, type Handler } from './probes.ts'
import { podVolumes, type Volume } from './volumes.ts'

/** One pod on this node, from its assignment until it is gone. */
export type PodWorker = {
  readonly run: PodRun
  /** The pod has changed: perhaps it is to end, perhaps a container has another image now. */
  update(pod: KubeObject): void
  /** Writes the files of volumes again that follow ConfigMaps, Secrets, tokens and the pod itself. */
  refreshVolumes(): void
  /** The pod is gone from the API, or the cluster ends: no grace. */
  abandon(): void
  /** Resolves when no process is left. */
  readonly done: Promise<void>
}

/** What supervisors share with the worker of their pod. */
export type PodControl = {
  context: KubeletContext
  run: PodRun
  directory: string
  volumes: Volume[]
  /** Aborts when the pod is to end: nothing is started from then on. */
  ending: AbortSignal
  publish(): void
  /** Stops one container with its grace; resolves when it has ended. */
  stop(container: ContainerRun, why: string): Promise<void>
}

const mountRetryMaxMs = 8000

export function startPod(context: KubeletContext, pod: KubeObject): PodWorker {
  const run = newPodRun(pod, context.addresses.nodeIp)
  const namespace = pod.metadata.namespace ?? ''
  const directory = join(context.stateDir, 'pods', pod.metadata.uid)
  const mounts = podVolumes(
    {
      client: context.client,
      issueToken: context.issueToken,
      claimsDir: join(context.stateDir, 'claims'),
    },
    join(directory, 'volumes'),
  )
  const end = new AbortController()
  // Resolved to cut every grace short.
  const force = deferred()
  let graceSeconds: number = pod.spec.terminationGracePeriodSeconds ?? 30
  let refreshing = Promise.resolve()
  let abandoned = false

  const control: PodControl = {
    context,
    run,
    directory,
    volumes: [],
    ending: end.signal,
    publish,
    stop,
  }

  function publish() {
    const current = context.client.find('pods', namespace, pod.metadata.name)
    if (abandoned || current?.metadata.uid !== pod.metadata.uid) return
    run.pod = current
    // Without the undefined fields, as it will be stored.
    const status: Record<string, unknown> = JSON.parse(JSON.stringify(podStatus(run)))
    if (isDeepStrictEqual(status, current.status)) return
    run.pod = context.client.replaceStatus('pods', { ...current, status })
  }

  async function stop(container: ContainerRun, why: string): Promise<void> {
    const { process, launch } = container.running ?? {}
    if (!process || !launch) return
    record(context, run, container, 'Killing', why)
    const startedMs = Date.now()
    const hook = (container.spec.lifecycle as { preStop?: Handler } | undefined)?.preStop
    const graceMs = () => Math.max(0, graceSeconds * 1000 - (Date.now() - startedMs))
    if (hook) {
      const target = { podIp: run.podIp ?? '', ports: [], exec: execIn(launch) }
      await Promise.race([attempt(hook, target, graceMs()), force.promise, process.exited])
    }
    process.signal('SIGTERM')
    const patience = new AbortController()
    const timer = delay(graceMs(), undefined, { signal: patience.signal }).catch(() => {})
    await Promise.race([process.exited, timer, force.promise])
    patience.abort()
    process.kill()
    await process.exited
  }

  async function stopAll() {
    const running = run.containers.filter(isRunning)
    const why = (one: ContainerRun) => stop(one, `Stopping container ${one.spec.name}`)
    await Promise.all(running.filter((one) => one.kind !== 'sidecar').map(why))
    // Sidecars serve the others until those have ended, and end in reverse order.
    for (const one of running.filter((one) => one.kind === 'sidecar').reverse()) await why(one)
  }

  async function setUp(): Promise<boolean> {
    for (let waitMs = 500; !end.signal.aborted; waitMs = Math.min(waitMs * 2, mountRetryMaxMs)) {
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        control.volumes = await mounts.mount(run.pod)
        break
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        context.record({ about: run.pod, type: 'Warning', reason: 'FailedMount', message })
        await pause(waitMs, end.signal)
      }
    }
    if (end.signal.aborted) return false
    run.podIp = context.addresses.takePodIp()
    run.sandboxReady = true
    publish()
    // Files that name the pod's address can be written only now.
    if (JSON.stringify(run.pod.spec.volumes ?? []).includes('status.podIP'))
      await mounts.refresh(run.pod)
    return true
  }

  async function runContainers(): Promise<void> {
    const supervised: Promise<void>[] = []
    for (const one of run.containers.filter((one) => one.kind !== 'main')) {
      const supervision = supervise(control, one)
      if (one.kind === 'sidecar') {
        supervised.push(supervision.ended)
        await Promise.race([supervision.started, supervision.ended])
      } else await supervision.ended
      if (end.signal.aborted || !isInitialized(one)) return void (await Promise.all(supervised))
    }
    if (run.containers[0]?.kind !== 'main') publish()
    const main = run.containers
      .filter((one) => one.kind === 'main')
      .map((one) => supervise(control, one).ended)
    await Promise.all(main)
    if (!end.signal.aborted) {
      // The work is done: sidecars are not, and have to be told.
      end.abort()
      await stopAll()
    }
    await Promise.all(supervised)
  }

  async function live(): Promise<void> {
    const deadline: number | undefined = pod.spec.activeDeadlineSeconds
    const timer = deadline ? setTimeout(overdue, deadline * 1000).unref() : undefined
    try {
      publish()
      if (await setUp()) await runContainers()
      if (!run.pod.metadata.deletionTimestamp && !run.ended) {
        publish()
        await Promise.race([
          pause(context.teardownMs, context.signal),
          deleted.promise,
          force.promise,
        ])
      }
      run.finished = true
      run.sandboxReady = false
      publish()
    } finally {
      clearTimeout(timer)
      if (run.podIp) context.addresses.releasePodIp(run.podIp)
    }
    await deleted.promise
    if (context.removalMs > 0 && !abandoned) {
      for (const removing of ['logs', 'containers'] as const) {
        run.removing = removing
        await pause(context.removalMs / 2, context.signal)
      }
    }
    remove()
  }

  function overdue() {
    const message = 'Pod was active on the node longer than the specified deadline'
    run.ended = { reason: 'DeadlineExceeded', message }
    context.record({ about: run.pod, type: 'Normal', reason: 'DeadlineExceeded', message })
    beginEnd()
  }

  function beginEnd() {
    if (end.signal.aborted) return
    end.abort()
    void stopAll()
  }

  function remove() {
    const current = context.client.find('pods', namespace, pod.metadata.name)
    if (abandoned || current?.metadata.uid !== pod.metadata.uid) return
    context.client.remove('pods', namespace, pod.metadata.name, { gracePeriodSeconds: 0 })
  }

  const deleted = deferred()
  // Later: its first status update comes back through update(), which needs the worker to be known.
  const done = Promise.resolve().then(live)

  return {
    run,
    done,
    update(current) {
      run.pod = current
      if (current.metadata.deletionTimestamp) {
        const asked = current.metadata.deletionGracePeriodSeconds ?? graceSeconds
        if (asked < graceSeconds && end.signal.aborted) {
          const endsAt = Date.parse(current.metadata.deletionTimestamp)
          setTimeout(force.resolve, Math.max(0, endsAt - Date.now())).unref()
        }
        graceSeconds = asked
        deleted.resolve()
        beginEnd()
      }
      for (const one of run.containers) {
        const spec = [...(current.spec.initContainers ?? []), ...current.spec.containers].find(
          (wanted: { name: string }) => wanted.name === one.spec.name,
        )
        if (!spec || spec.image === one.spec.image || end.signal.aborted) continue
        one.spec = spec
        if (isRunning(one)) {
          one.replaced = true
          void stop(one, `Container ${one.spec.name} definition changed, will be restarted`)
        }
      }
      this.refreshVolumes()
      publish()
    },
    refreshVolumes() {
      if (!run.sandboxReady || abandoned) return
      refreshing = refreshing
        // Begun after the end, it would write the directory again that is about to be removed.
        .then(() => (abandoned ? undefined : mounts.refresh(run.pod)))
        .catch(() => {
          // A source is gone: the files stay as they were, as on a real node.
        })
    },
    abandon() {
      abandoned = true
      force.resolve()
      deleted.resolve()
      beginEnd()
      void Promise.allSettled([done, refreshing]).then(() => {
        for (const one of run.containers) {
          one.log?.remove()
          one.previousLog?.remove()
        }
        rmSync(directory, { recursive: true, force: true })
      })
    },
  }
}

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch {
    // Aborted: the caller sees it.
  }
}

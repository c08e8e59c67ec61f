import { execFile } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339 } from '#server/lab/cluster/kubelet/clock.ts'
import { ConfigError } from '#server/lab/cluster/kubelet/environment.ts'
import { pullImage } from '#server/lab/cluster/kubelet/image-pull.ts'
import type { KubeletContext } from '#server/lab/cluster/kubelet/kubelet-context.ts'
import { createContainerLog } from '#server/lab/cluster/kubelet/log/container-log.ts'
import type { ContainerRun, PodRun } from '#server/lab/cluster/kubelet/pod-run.ts'
import type { ProbeTarget } from '#server/lab/cluster/kubelet/probes.ts'
import {
  type Launch,
  notExecutable,
  type PodPlace,
  planLaunch,
  StartError,
} from './container-launch.ts'
import { type ContainerProcess, startProcess } from './container-process.ts'

export type StartedContainer = { process: ContainerProcess; launch: Launch }

const messageBytesMax = 4096
const fallbackBytesMax = 2048
const logsDir = 'logs'

/** Pulls, creates and starts a container; throws PullError, ConfigError or StartError. */
export async function startContainer(
  context: KubeletContext,
  run: PodRun,
  container: ContainerRun,
  place: PodPlace,
): Promise<StartedContainer> {
  const { spec } = container
  const policy = String(spec.imagePullPolicy ?? 'IfNotPresent')
  const image = pullImage(context.images, spec.image, policy)
  record(
    context,
    run,
    container,
    'Pulled',
    `Container image "${spec.image}" already present on machine and can be accessed by the pod`,
  )
  container.imageID = `${image.repository}@${image.digest}`
  container.user = userOf(run, container, image.user)
  refuseRoot(run, container, image.user)

  const launch = planLaunch(context, run.pod, spec, image, place)
  container.containerID = launch.containerID
  record(context, run, container, 'Created', 'Container created')

  container.previousLog?.remove()
  container.previousLog = container.log
  container.log = createContainerLog({
    path: join(place.directory, logsDir, spec.name, `${container.restartCount}.log`),
    bytesMax: context.logBytesMax,
    rewrite: (line) => (line.includes(place.directory) ? launch.rewriter.toContainer(line) : line),
  })
  try {
    const process = await startProcess({
      command: launch.command,
      env: launch.env,
      cwd: launch.cwd,
      log: container.log,
      pipePath: join(launch.directory, 'output'),
      reaper: context.reaper,
    })
    record(context, run, container, 'Started', 'Container started')
    return { process, launch }
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const file = launch.rewriter.toContainer(launch.command[0] ?? '')
    throw missing ? notExecutable(file) : new StartError(String(error))
  }
}

/** The state of a container whose process has ended. */
export function endedState(
  container: ContainerRun,
  launch: Launch,
  exitCode: number,
  startedAt: string,
) {
  const message = terminationMessage(container, launch, exitCode)
  return {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message ? { message } : {}),
      startedAt,
      finishedAt: rfc3339(),
      containerID: launch.containerID,
    },
  }
}

/** Runs a command beside the container, for exec probes and hooks. */
export function execIn(launch: Launch): ProbeTarget['exec'] {
  return (command, timeoutMs) =>
    new Promise((resolve) => {
      const [file = '', ...args] = command.map((part) => launch.rewriter.toHost(part))
      const env = Object.assign({} as NodeJS.ProcessEnv, launch.env)
      const options = { env, cwd: launch.cwd, timeout: timeoutMs, killSignal: 'SIGKILL' as const }
      execFile(file, args, options, (error, stdout, stderr) => {
        const output = launch.rewriter.toContainer(`${stdout}${stderr}`)
        if (!error) resolve({ exitCode: 0, output })
        else if (error.killed)
          resolve({
            exitCode: 137,
            output: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
          })
        else
          resolve({
            exitCode: typeof error.code === 'number' ? error.code : 126,
            output: output || error.message,
          })
      })
    })
}

export function record(
  context: KubeletContext,
  run: PodRun,
  container: ContainerRun,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Normal',
) {
  const list = container.kind === 'main' ? 'containers' : 'initContainers'
  context.record({
    about: run.pod,
    type,
    reason,
    message,
    fieldPath: `spec.${list}{${container.spec.name}}`,
  })
}

function terminationMessage(container: ContainerRun, launch: Launch, exitCode: number): string {
  const written = readPart(launch.terminationFile, messageBytesMax)
  const text = launch.rewriter.toContainer(written.toString('utf8'))
  const fallback = container.spec.terminationMessagePolicy === 'FallbackToLogsOnError'
  if (text !== '' || exitCode === 0 || !fallback || !container.log) return text
  const log = container.log.fileOf(container.log.generation)
  const lines = readFileSync(log, 'latin1').split('\n').slice(-81)
  const tail = Buffer.from(lines.map((line) => line.slice(33)).join('\n'), 'latin1')
  return tail.subarray(-fallbackBytesMax).toString('utf8')
}

function readPart(path: string, bytes: number): Buffer {
  try {
    const fd = openSync(path, 'r')
    const part = Buffer.alloc(Math.min(fstatSync(fd).size, bytes))
    readSync(fd, part, 0, part.length, 0)
    closeSync(fd)
    return part
  } catch {
    return Buffer.alloc(0)
  }
}

/** As the kubelet's own check; images that do not say who they run as are let through. */
function refuseRoot(run: PodRun, container: ContainerRun, image: ContainerRun['user']): void {
  type Security = { runAsNonRoot?: boolean; runAsUser?: number } | undefined
  const own = container.spec.securityContext as Security
  const pod = run.pod.spec.securityContext as Security
  if (!(own?.runAsNonRoot ?? pod?.runAsNonRoot)) return
  const { name, namespace, uid } = run.pod.metadata
  const whom = `(pod: "${name}_${namespace}(${uid})", container: ${container.spec.name})`
  const asked = own?.runAsUser ?? pod?.runAsUser
  if (asked === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${whom}`)
  if (asked === undefined && image?.uid === 0)
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${whom}`)
}

/** Who the container says it runs as; its processes run as the user of the cluster. */
function userOf(run: PodRun, container: ContainerRun, image: ContainerRun['user']) {
  type Security = { runAsUser?: number; runAsGroup?: number } | undefined
  const own = container.spec.securityContext as Security
  const pod = run.pod.spec.securityContext as Security
  const uid = own?.runAsUser ?? pod?.runAsUser ?? image?.uid ?? 0
  return { uid, gid: own?.runAsGroup ?? pod?.runAsGroup ?? image?.gid ?? 0 }
}

import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { FoundImage } from '#server/lab/cluster/images/image-table.ts'
import {
  ConfigError,
  type ContainerSpec,
  containerEnvironment,
  expand,
} from '#server/lab/cluster/kubelet/environment.ts'
import type { KubeletContext } from '#server/lab/cluster/kubelet/kubelet-context.ts'
import {
  type PathMapping,
  type PathRewriter,
  pathRewriter,
} from '#server/lab/cluster/kubelet/path-rewrite.ts'
import type { Volume } from '#server/lab/cluster/kubelet/volumes.ts'

/** Everything that a container's processes are started with. */
export type Launch = {
  command: string[]
  env: Record<string, string>
  cwd: string
  rewriter: PathRewriter
  directory: string
  terminationFile: string
  containerID: string
}

/** A container that the runtime refuses to start: its state is terminated with exit code 128. */
export class StartError extends Error {}

export type PodPlace = { directory: string; volumes: Volume[]; podIp: string }

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const preload = fileURLToPath(new URL('../../network/preload.cjs', import.meta.url))
const scriptBytesMax = 1024 * 1024
const interpreters = new Set(['sh', 'bash', 'dash', 'ash', 'node', 'python3', 'perl'])

/** Turns a container's spec into a process of the host; throws ConfigError or StartError. */
export function planLaunch(
  context: KubeletContext,
  pod: KubeObject,
  spec: ContainerSpec,
  image: FoundImage,
  place: PodPlace,
): Launch {
  const directory = join(place.directory, 'containers', spec.name)
  const root = join(directory, 'root')
  const terminationFile = join(directory, 'termination-log')
  mkdirSync(join(root, 'tmp'), { recursive: true })
  writeFileSync(terminationFile, '')

  const mappings: PathMapping[] = [
    ...Object.entries(image.files ?? {}).map(([containerPath, hostPath]) => ({
      containerPath,
      hostPath,
    })),
    ...mountsOf(spec, place.volumes),
    {
      containerPath: String(spec.terminationMessagePath ?? '/dev/termination-log'),
      hostPath: terminationFile,
    },
  ]
  const inside = pathRewriter(mappings, [
    context.stateDir,
    dirname(preload),
    ...(image.path ?? []),
    // An image's program is a file of the host, wherever that keeps it: a checkout may be below /tmp.
    ...(image.entrypoint ?? []).filter((path) => isAbsolute(path) && !isOf(image.files, path)),
  ])

  const given: Record<string, string> = {
    PATH: [...(image.path ?? []), dirname(process.execPath), systemPath].join(':'),
    HOME: root,
    TMPDIR: mappings.find((one) => one.containerPath === '/tmp')?.hostPath ?? join(root, 'tmp'),
    HOSTNAME: String(pod.spec.hostname ?? pod.metadata.name),
    POD_IP: place.podIp,
    ...apiAccess(context, pod, spec, place),
  }
  const env = containerEnvironment(context.client, pod, spec, {
    ...given,
    ...image.env,
  })
  const argv = commandOf(spec, image).map((part) => expand(part, env))
  const first = argv[0] ?? ''
  if (image.scratch && !Object.hasOwn(image.files ?? {}, first)) throw notExecutable(first)

  const scripts = new Map<string, string>()
  const command = argv.map((part, index) => {
    const host = inside.toHost(part)
    const runs = index === 0 || (index === 1 && interpreters.has(basename(first)))
    const copy = adaptedScript(
      host,
      runs,
      place.volumes,
      inside,
      join(directory, 'files', String(index)),
    )
    if (copy) scripts.set(copy, inside.toContainer(host))
    return copy ?? host
  })
  const hostEnv = Object.fromEntries(
    // What the kubelet set names the host's paths already; image and pod name the container's.
    Object.entries(env).map(([key, value]) => [
      key,
      value === given[key] ? value : inside.toHost(value),
    ]),
  )
  const wanted = spec.workingDir ?? image.workingDir
  const cwd = wanted ? workingDirectory(inside.toHost(wanted), wanted, root) : root
  const outside = pathRewriter([
    ...mappings,
    ...[...scripts].map(([hostPath, containerPath]) => ({ hostPath, containerPath })),
    { containerPath: '/', hostPath: root },
  ])

  return {
    command,
    cwd,
    directory,
    terminationFile,
    rewriter: { toHost: inside.toHost, toContainer: outside.toContainer },
    containerID: `containerd://${randomBytes(32).toString('hex')}`,
    env: {
      ...hostEnv,
      DEVCLUSTER_NETWORK: context.networkDir,
      DEVCLUSTER_POD_IP: place.podIp,
      DEVCLUSTER_NAMESPACE: pod.metadata.namespace ?? '',
      NODE_OPTIONS: [hostEnv.NODE_OPTIONS, `--require=${JSON.stringify(preload)}`]
        .filter(Boolean)
        .join(' '),
    },
  }
}

export function notExecutable(file: string): StartError {
  const what = isAbsolute(file)
    ? `stat ${file}: no such file or directory`
    : 'executable file not found in $PATH'
  return new StartError(
    `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${JSON.stringify(file)}: ${what}: unknown`,
  )
}

function commandOf(spec: ContainerSpec, image: FoundImage): string[] {
  const entrypoint = spec.command?.length ? spec.command : (image.entrypoint ?? [])
  const args = spec.args?.length ? spec.args : spec.command?.length ? [] : (image.cmd ?? [])
  const argv = [...entrypoint, ...args]
  if (argv.length === 0) throw new ConfigError('no command specified')
  return argv
}

type VolumeMount = { name: string; mountPath: string; subPath?: string }

function mountsOf(spec: ContainerSpec, volumes: Volume[]): PathMapping[] {
  const mounts = (spec.volumeMounts ?? []) as VolumeMount[]
  return mounts.map(({ name, mountPath, subPath }) => {
    const volume = volumes.find((one) => one.name === name)
    if (!volume) throw new ConfigError(`volume "${name}" is not mounted`)
    const below = normalize(subPath ?? '.')
    if (isAbsolute(below) || below.startsWith('..'))
      throw new ConfigError(`invalid subPath "${subPath}"`)
    const hostPath = join(volume.hostPath, below).replace(/\/$/, '')
    if (subPath && !isFile(hostPath)) mkdirSync(hostPath, { recursive: true })
    return { containerPath: mountPath, hostPath }
  })
}

/** Credentials as client libraries look for them: a kubeconfig whose token file the kubelet renews. */
function apiAccess(
  context: KubeletContext,
  pod: KubeObject,
  spec: ContainerSpec,
  place: PodPlace,
): Record<string, string> {
  const { hostname, port } = new URL(context.apiServer.url)
  const found = mountsOf(spec, place.volumes).find((mount) => mount.containerPath === accountPath)
  const address = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port || '443' }
  if (!found) return address
  const file = join(place.directory, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    clusters: [
      {
        name: 'cluster',
        cluster: {
          server: context.apiServer.url,
          'certificate-authority-data': Buffer.from(context.apiServer.ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'account', user: { tokenFile: join(found.hostPath, 'token') } }],
    contexts: [
      {
        name: 'pod',
        context: { cluster: 'cluster', user: 'account', namespace: pod.metadata.namespace },
      },
    ],
  }
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  return { ...address, KUBECONFIG: file }
}

/**
 * A script in a volume names the container's paths too: the container runs a copy that names the host's. Only what is
 * executed is copied, never what is data.
 */
function adaptedScript(
  path: string,
  runs: boolean,
  volumes: Volume[],
  rewriter: PathRewriter,
  directory: string,
): string | undefined {
  if (!volumes.some((volume) => path.startsWith(`${volume.hostPath}/`)) || !isFile(path))
    return undefined
  const { mode, size } = statSync(path)
  if (size > scriptBytesMax || !(runs || mode & 0o111)) return undefined
  const text = readFileSync(path).toString('latin1')
  const adapted = rewriter.toHost(text)
  if (adapted === text || text.includes('\0')) return undefined
  mkdirSync(directory, { recursive: true })
  const copy = join(directory, basename(path))
  writeFileSync(copy, Buffer.from(adapted, 'latin1'))
  chmodSync(copy, mode & 0o777)
  return copy
}

function workingDirectory(host: string, wanted: string, root: string): string {
  // A directory of the image that no volume holds: a private one takes its place.
  const directory = host === wanted ? join(root, wanted) : host
  mkdirSync(directory, { recursive: true })
  return directory
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** True where the path is one of the image's own files, inside the container. */
function isOf(files: Record<string, string> | undefined, path: string): boolean {
  return Object.keys(files ?? {}).some((own) => path === own || path.startsWith(`${own}/`))
}

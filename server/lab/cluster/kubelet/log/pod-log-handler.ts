import type { ApiRequest, Handler, Reply } from '#server/lab/cluster/api/handler.ts'
import { badRequest, notFound } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { ContainerRun } from '#server/lab/cluster/kubelet/pod-run.ts'
import type { Kubelet } from '#server/lab/cluster/kubelet/start-kubelet.ts'
import type { ContainerLog } from './container-log.ts'
import { type PodLogOptions, parseLogOptions } from './log-options.ts'
import { readLog } from './read-log.ts'

const pods = { group: '', plural: 'pods', kind: 'Pod' }

/** `GET pods/NAME/log`: texts and order of the checks are the API server's and the kubelet's. */
export function podLogHandler(client: ClusterClient, kubelet: Kubelet): Handler {
  return {
    group: '',
    version: 'v1',
    plural: 'pods',
    subresource: 'log',
    kind: 'Pod',
    namespaced: true,
    verbs: ['get'],
    handle: (request) => podLog(client, kubelet, request),
  }
}

function podLog(client: ClusterClient, kubelet: Kubelet, request: ApiRequest): Reply {
  const name = request.name ?? ''
  const options = parseLogOptions(request.query, name)
  const pod = client.find('pods', request.namespace, name)
  if (!pod) throw notFound(pods, name)
  const container = chooseContainer(pod, options.container)
  const headers = { 'content-type': 'text/plain' }
  // Not assigned to a node: nothing to read, and no error.
  if (!pod.spec.nodeName) return { status: 200, stream: nothing(), headers }

  const run = kubelet.find(pod.metadata.uid)?.containers.find((one) => one.spec.name === container)
  if (!run) throw badRequest(`container "${container}" in pod "${name}" is not available`)
  const gone = kubelet.find(pod.metadata.uid)?.removing
  if (gone) return { status: 200, stream: words(goneText(pod, run, gone)), headers }
  const log = chooseLog(run, options, name)
  return { status: 200, stream: readLog(log, options, request.signal), headers }
}

function chooseContainer(pod: KubeObject, asked: string): string {
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    (one: { name: string }) => one.name,
  )
  if (asked !== '') {
    if (!names.includes(asked))
      throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`)
    return asked
  }
  const [only, ...others] = pod.spec.containers
  if (only && others.length === 0) return only.name
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
  )
}

function chooseLog(run: ContainerRun, options: PodLogOptions, pod: string): ContainerLog {
  const name = run.spec.name
  const whom = `container "${name}" in pod "${pod}"`
  if (options.previous) {
    const held = 'running' in run.state || 'terminated' in run.state ? run.previousLog : run.log
    if (run.lastState.terminated && held) return held
    throw badRequest(`previous terminated ${whom} not found`)
  }
  if ('waiting' in run.state && !run.lastState.terminated) {
    const { reason } = run.state.waiting
    const why =
      reason === 'ErrImagePull'
        ? "image can't be pulled"
        : reason === 'ImagePullBackOff'
          ? 'trying and failing to pull image'
          : reason
    throw badRequest(`${whom} is waiting to start: ${why}`)
  }
  if (!run.log) throw badRequest(`${whom} is terminated`)
  return run.log
}

/** What a kubelet writes into its answer when it finds no log after it has begun to answer. */
function goneText(
  { metadata }: KubeObject,
  run: ContainerRun,
  gone: 'logs' | 'containers',
): string {
  if (gone === 'containers') return `unable to retrieve container logs for ${run.containerID}`
  const pod = `${metadata.namespace}_${metadata.name}_${metadata.uid}`
  const path = `/var/log/pods/${pod}/${run.spec.name}/${run.restartCount}.log`
  return `failed to try resolving symlinks in path "${path}": lstat ${path}: no such file or directory`
}

async function* words(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}

async function* nothing(): AsyncGenerator<Buffer> {}

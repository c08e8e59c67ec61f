import { arch, cpus, hostname, release, totalmem } from 'node:os'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { timestamp } from '#server/lab/cluster/workloads/pods/pod-facts.ts'

export type NodeOptions = { nodeName: string; nodeIp: string; podCidr: string; version: string }

const podsMax = 250
const heartbeatMs = 60_000

/** Registers the one node, which is the host, and keeps its heartbeat. */
export function startNode(client: ClusterClient, options: NodeOptions, signal: AbortSignal) {
  const name = options.nodeName
  if (!client.find('nodes', undefined, name))
    client.create('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'beta.kubernetes.io/arch': goArch(),
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': goArch(),
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'node-role.kubernetes.io/control-plane': '',
        },
      },
      spec: { podCIDR: options.podCidr, podCIDRs: [options.podCidr] },
    })
  const beat = () => {
    const node = client.find('nodes', undefined, name)
    if (node) client.replaceStatus('nodes', { ...node, status: statusOf(node, options) })
  }
  beat()
  const timer = setInterval(beat, heartbeatMs).unref()
  signal.addEventListener('abort', () => clearInterval(timer))
}

function statusOf(node: KubeObject, options: NodeOptions) {
  const capacity = {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(podsMax),
    'ephemeral-storage': '100Gi',
  }
  const now = timestamp()
  const before: { type: string; lastTransitionTime: string }[] = node.status?.conditions ?? []
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: before.find((one) => one.type === type)?.lastTransitionTime ?? now,
    reason,
    message,
  })
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      condition(
        'MemoryPressure',
        'False',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      condition(
        'DiskPressure',
        'False',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
      ),
      condition(
        'PIDPressure',
        'False',
        'KubeletHasSufficientPID',
        'kubelet has sufficient PID available',
      ),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address: options.nodeIp },
      { type: 'Hostname', address: options.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: release(),
      osImage: `processes of ${hostname()}`,
      containerRuntimeVersion: `processes://${process.versions.node}`,
      kubeletVersion: options.version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: goArch(),
    },
  }
}

function goArch(): string {
  return arch() === 'x64' ? 'amd64' : arch()
}

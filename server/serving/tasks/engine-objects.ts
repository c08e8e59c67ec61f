import type { Deployment, Service } from '#server/platform/kube/kinds.ts'
import { labels, managedByBindery } from '#server/platform/model/names.ts'

export type EngineOptions = {
  namespace: string
  /** Name of the Deployment and of the Service. */
  name: string
  /** The image by digest. */
  reference: string
  /** Empty: the image's own. */
  command: string[]
  gpus: number
  /** The user and group that the engine runs as, 1000 where absent; `cluster` where each namespace is given its own, as on OpenShift. */
  runAs?: number | 'cluster'
  /** PersistentVolumeClaim with the weights. */
  modelCache?: string
}

export const enginePort = 8000

/** The engine as it runs: one pod per GPU, replaced and not rolled, with no rights and no token. */
export function engineDeployment(options: EngineOptions): Deployment {
  const { namespace, name, gpus, modelCache, runAs = 1000 } = options
  const ids = { runAsUser: runAs, runAsGroup: runAs, fsGroup: runAs }
  const selector = { 'app.kubernetes.io/name': name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels: engineLabels(name) },
    spec: {
      replicas: 1,
      // A second engine would wait for ever for the GPU that the first one holds.
      ...{ strategy: { type: 'Recreate' } },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...selector, [labels.engine]: 'true' } },
        spec: {
          serviceAccountName: 'vibethinker',
          // vLLM lets answers that run come to their end (--shutdown-timeout); the longest take a quarter of an hour.
          terminationGracePeriodSeconds: gpus > 0 ? 930 : 30,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            ...(runAs === 'cluster' ? {} : ids),
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [engineContainer(options)],
          volumes: [
            { name: 'tmp', emptyDir: {} },
            ...(gpus > 0 ? [{ name: 'shm', emptyDir: { medium: 'Memory' } }] : []),
            ...(modelCache
              ? [{ name: 'models', persistentVolumeClaim: { claimName: modelCache } }]
              : []),
          ],
        },
      },
    },
  }
}

export function engineService({ namespace, name }: EngineOptions): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels: engineLabels(name) },
    spec: {
      selector: { 'app.kubernetes.io/name': name },
      ports: [{ name: 'http', port: enginePort, targetPort: enginePort, protocol: 'TCP' }],
    },
  }
}

function engineContainer({ reference, command, gpus, modelCache }: EngineOptions): object {
  return {
    name: 'engine',
    image: reference,
    ...(command.length > 0 ? { command } : {}),
    env: [
      { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'PORT', value: String(enginePort) },
      // Weights come from the volume or the image, never from a hub at run time.
      { name: 'HF_HUB_OFFLINE', value: '1' },
      // Caches of compiled kernels go where the container may write.
      { name: 'HOME', value: '/tmp' },
      // PyTorch asks for the name of its user when it is loaded, and a number without one ends vLLM there.
      { name: 'USER', value: 'engine' },
      { name: 'VLLM_NO_USAGE_STATS', value: '1' },
    ],
    ports: [{ name: 'http', containerPort: enginePort }],
    // Loading weights takes minutes.
    startupProbe: {
      httpGet: { path: '/health', port: 'http' },
      periodSeconds: 1,
      failureThreshold: 900,
    },
    readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5 },
    livenessProbe: {
      httpGet: { path: '/health', port: 'http' },
      periodSeconds: 10,
      failureThreshold: 6,
    },
    resources: gpus > 0 ? cardResources(gpus) : smallResources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...(gpus > 0 ? [{ name: 'shm', mountPath: '/dev/shm' }] : []),
      ...(modelCache ? [{ name: 'models', mountPath: '/models' }] : []),
    ],
  }
}

const smallResources = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '1Gi' },
}

/** Of the node, not of the card: loading 3 GB of weights, and shared memory between vLLM's processes. */
function cardResources(gpus: number) {
  return {
    requests: { cpu: '1', memory: '6Gi' },
    limits: { memory: '16Gi', 'nvidia.com/gpu': String(gpus) },
  }
}

function engineLabels(name: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': name,
    [labels.managedBy]: managedByBindery,
    [labels.engine]: 'true',
  }
}

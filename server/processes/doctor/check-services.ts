import type { Config } from '#server/platform/config.ts'
import { Deployment, Lease } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { type Condition, conditionOf } from '#server/platform/model/kubernetes.ts'
import { controllerLease } from '#server/platform/model/names.ts'
import {
  engineCondition,
  ModelService,
  networkCondition,
} from '#server/serving/model/model-service.ts'
import { type Found, ok, problem, skipped, warning } from './finding.ts'

const none = 'kubectl apply --server-side -k your overlay: it brings a ModelService.'

/** Whether an engine answers behind the gateway, as the controller sees it. */
export async function checkEngine(kube: Kube, config: Config): Promise<Found[]> {
  const services = await kube.list(ModelService, { namespace: config.SERVING_NAMESPACE })
  if (services.length === 0) {
    return [problem(`There is no ModelService in ${config.SERVING_NAMESPACE}.`, none)]
  }
  return services.flatMap(({ metadata, status }) => {
    const ready = conditionOf(status?.conditions, 'Ready')
    const engines = (status?.engines ?? []).map(
      (engine) => `${engine.ring} ${engine.readyReplicas}`,
    )
    const match = conditionOf(status?.conditions, engineCondition)
    if (ready?.status === 'True') {
      const serves = ok(`${metadata.name} serves (${engines.join(', ')}).`)
      return match?.status === 'False' ? [serves, mismatch(metadata.name, match)] : [serves]
    }
    const todo = `Start one with the Task start-vibethinker-service, or look: kubectl -n ${config.SERVING_NAMESPACE} get pods,events`
    return [
      problem(`${metadata.name}: ${ready?.message ?? 'no controller has looked at it.'}`, todo),
    ]
  })
}

/** The engine is not what the service says of it, or does not answer. */
function mismatch(name: string, { reason, message }: Condition): Found {
  const text = `${name}: ${message}`
  if (reason === 'ContextDiffers' || reason === 'ModelDiffers') {
    return warning(text, `Correct the ModelService: kubectl edit modelservice ${name}`)
  }
  if (reason === 'EngineKeyRefused') {
    return problem(text, 'Put the key into the Secret bindery-engine-keys (OPERATE.md).')
  }
  return problem(text, 'Look at the engine’s own log; the gateway’s INFERENCE_URL, if it is set.')
}

/** What the controller finds by trying a connection that a policy forbids. */
export async function checkNetworkPolicies(kube: Kube, config: Config): Promise<Found[]> {
  const services = await kube.list(ModelService, { namespace: config.SERVING_NAMESPACE })
  const seen = services.flatMap(
    ({ status }) => conditionOf(status?.conditions, networkCondition) ?? [],
  )
  const ignored = seen.find(({ status }) => status === 'False')
  if (ignored) {
    const todo =
      'Install a network plugin that enforces NetworkPolicy (Calico, Cilium): until then the engine is open to every pod.'
    return [problem(ignored.message, todo)]
  }
  if (seen.some(({ status }) => status === 'True')) {
    return [ok('NetworkPolicies are enforced: a connection that one forbids did not come through.')]
  }
  return [
    skipped(
      'Nobody has tried yet whether NetworkPolicies are enforced.',
      'Look again a minute after a controller and a gateway are ready.',
    ),
  ]
}

/** Whether our own workloads stand and one controller leads. */
export async function checkWorkloads(kube: Kube, config: Config): Promise<Found[]> {
  const namespaces = [config.POD_NAMESPACE, config.SERVING_NAMESPACE]
  const lists = await Promise.all(
    namespaces.map((namespace) => kube.list(Deployment, { namespace })),
  )
  const found = lists.flat().flatMap(({ metadata, spec, status }) => {
    const [wanted, ready] = [spec.replicas ?? 1, status?.readyReplicas ?? 0]
    if (ready >= wanted) return []
    const what = `${metadata.namespace}/${metadata.name}`
    const todo = `kubectl -n ${metadata.namespace} describe deployment,pods -l app.kubernetes.io/name=${metadata.name}`
    return [problem(`${ready} of ${wanted} pods of ${what} are ready.`, todo)]
  })
  const lease = await kube.find(Lease, { namespace: config.POD_NAMESPACE, name: controllerLease })
  const renewed = Date.parse(lease?.spec.renewTime ?? '')
  const limitMs = 2 * (lease?.spec.leaseDurationSeconds ?? 15) * 1000
  if (Number.isNaN(renewed) || kube.now().getTime() - renewed > limitMs) {
    found.push(
      problem(
        'No controller leads: decisions are not carried out.',
        `kubectl -n ${config.POD_NAMESPACE} logs deployment/bindery-controller`,
      ),
    )
  }
  if (found.length > 0) return found
  return [ok(`All pods of ${lists.flat().length} Deployments are ready, and a controller leads.`)]
}

/** Whether the text is an image by digest; a tag can be moved after it was reviewed. */
export function imageFinding(where: string, image: string): Found | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined
  return warning(
    `${where} runs ${image}, by a tag that can be moved.`,
    'Name it by its digest: images in the kustomization of your overlay (INSTALL.md, 3).',
  )
}

import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Deployment, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { Rollout } from '#server/platform/kube/rollout.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { labels } from '#server/platform/model/names.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { type EngineOptions, engineDeployment, engineService } from './engine-objects.ts'
import { digestOfReference } from './image-reference.ts'

const fieldManager = 'bindery-deployer'

/** Starts or updates the engine from the digest that was verified. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'namespace',
    'service-name',
    'reference',
    'gpus',
    'model-cache',
    'run-as',
    'run',
  ])
  digestOfReference(given.reference)
  const options: EngineOptions = {
    namespace: given.namespace,
    name: parseName(given['service-name']),
    reference: given.reference,
    command: given.rest,
    gpus: parseGpus(given.gpus),
    runAs: parseRunAs(given['run-as']),
    modelCache: given['model-cache'] || undefined,
  }
  await deployEngine(connectKube({ signal }), options)
}

export async function deployEngine(kube: Kube, options: EngineOptions): Promise<void> {
  logStep(`Starting ${options.name} from ${options.reference}`)
  await refuseRollout(kube, options)
  await refuseForeign(kube, Deployment, options)
  await refuseForeign(kube, Service, options)
  await applyEngine(kube, Deployment, engineDeployment(options))
  await applyEngine(kube, Service, engineService(options))
}

/** Where Argo Rollouts runs the engine, a Deployment of that name would be a second one beside it, behind one Service. */
async function refuseRollout(kube: Kube, { namespace, name }: EngineOptions): Promise<void> {
  if (!(await findRollout(kube, { namespace, name }))) return
  const text = `${name} is an Argo Rollout: a Deployment beside it would be a second engine behind the same Service. Set the image in the Rollout, and steer it with steer-rollout.`
  throw new AppError('conflict', text)
}

/** Undefined also where Argo Rollouts is not installed. */
async function findRollout(
  kube: Kube,
  ref: { namespace: string; name: string },
): Promise<Rollout | undefined> {
  try {
    return await kube.find(Rollout, ref)
  } catch (error) {
    if (error instanceof AppError && error.details.key === 'kube.kindNotServed') return undefined
    throw error
  }
}

/** Only what is marked as an engine may be replaced: a run must not take over the gateway by its name. */
async function refuseForeign<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  { namespace, name }: EngineOptions,
): Promise<void> {
  const live = await kube.find(kind, { namespace, name })
  if (!live || live.metadata.labels?.[labels.engine] === 'true') return
  const text = `${kind.kind} ${name} is there already and is no engine. Choose another serviceName.`
  throw new AppError('conflict', text)
}

async function applyEngine<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  object: T,
): Promise<void> {
  // By force: an engine's fields are this Task's, also where a manifest set them first.
  const applied = await kube.apply(kind, object, { fieldManager, force: true })
  const { name, generation, resourceVersion } = applied.metadata
  logStep(
    `${kind.kind} ${name}: applied (${generation ? `generation ${generation}` : resourceVersion})`,
  )
}

function parseName(name: string): string {
  if (/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name
  throw new AppError('bad-request', `serviceName ${name} is no name of a Service.`)
}

function parseRunAs(text: string): EngineOptions['runAs'] {
  if (text === 'cluster') return text
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new AppError('bad-request', `--run-as is a user id other than 0, or cluster: ${text}`)
}

function parseGpus(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  throw new AppError('bad-request', `gpus is a whole number, not ${text}.`)
}

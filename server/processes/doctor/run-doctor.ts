import type { Config } from '#server/platform/config.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { checkAdmission } from './check-admission.ts'
import { checkClock, checkKubernetes, checkNamespaces, checkTekton } from './check-cluster.ts'
import { checkImages } from './check-images.ts'
import { checkDatabase, checkProvider } from './check-outside.ts'
import { checkRights } from './check-rights.ts'
import { checkEngine, checkNetworkPolicies, checkWorkloads } from './check-services.ts'
import { type Finding, type Found, problem, skipped } from './finding.ts'

type Check = (kube: Kube, config: Config) => Promise<Found[]>

/** In the order in which one mends: what later ones rest on comes first. */
const checks: Record<string, Check> = {
  kubernetes: checkKubernetes,
  tekton: checkTekton,
  clock: checkClock,
  namespaces: checkNamespaces,
  admission: checkAdmission,
  rights: checkRights,
  images: checkImages,
  workloads: checkWorkloads,
  network: checkNetworkPolicies,
  engine: checkEngine,
  database: (_kube, config) => checkDatabase(config),
  provider: (_kube, config) => checkProvider(config),
}

export const checkNames = Object.keys(checks)
const checkWithinMs = 20_000

/** Looks at everything that an installation rests on, and changes nothing. One check that fails keeps no other. */
export async function runDoctor(
  kube: Kube,
  config: Config,
  only: string[] = checkNames,
): Promise<Finding[]> {
  const chosen = Object.entries(checks).filter(([name]) => only.includes(name))
  const found = await Promise.all(
    chosen.map(async ([name, check]) => {
      const answers = await within(check(kube, config)).catch((error) => [failed(error)])
      return answers.map((one): Finding => ({ check: name, ...one }))
    }),
  )
  return found.flat()
}

function failed(error: unknown): Found {
  const message = error instanceof AppError ? error.message : String(error)
  if (error instanceof AppError && error.code === 'forbidden') {
    return skipped(
      message,
      'Run it with a kubeconfig that may, as a cluster administrator’s: KUBECONFIG=… bindery doctor',
    )
  }
  return problem(
    message,
    'Nothing could be looked at: see to it that this answers, then run the doctor again.',
  )
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new AppError('timeout', `No answer within ${checkWithinMs / 1000} s.`)
    timer = setTimeout(() => reject(error), checkWithinMs)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

import type { Config } from '#server/platform/config.ts'
import { ConfigMap, Namespace } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { type Found, ok, problem, skipped, warning } from './finding.ts'

const kubernetesMin = [1, 32]
/** Pending TaskRuns came with 1.11; their webhooks hold the spec since 1.12. */
const tektonMin = [1, 12]
const tektonNamespace = 'tekton-pipelines'
const clockOffMsMax = 5_000

export async function checkKubernetes(kube: Kube): Promise<Found[]> {
  const version = await kube.version()
  const { user } = await kube.whoAmI()
  if (isOlder(version, kubernetesMin)) {
    return [
      problem(
        `${kube.server} is ${version}.`,
        `Upgrade it to ${kubernetesMin.join('.')} or later.`,
      ),
    ]
  }
  return [ok(`${kube.server} is ${version}; asked as ${user}.`)]
}

export async function checkTekton(kube: Kube): Promise<Found[]> {
  const ref = (name: string) => ({ namespace: tektonNamespace, name })
  const flags = await kube.find(ConfigMap, ref('feature-flags'))
  if (!flags) {
    const message = `Tekton Pipelines is not in the namespace ${tektonNamespace}.`
    return [
      problem(
        message,
        'Install Tekton Pipelines 1.12 or later: no binding can be carried out without it.',
      ),
    ]
  }
  const found: Found[] = []
  const version = (await kube.find(ConfigMap, ref('pipelines-info')))?.data?.version
  if (version === undefined) {
    found.push(
      skipped(
        'Its version is not known: there is no ConfigMap pipelines-info.',
        'Look which release you applied; it has to be 1.12 or later.',
      ),
    )
  } else if (isOlder(version, tektonMin)) {
    found.push(
      problem(
        `It is ${version}.`,
        `Upgrade it to ${tektonMin.join('.')} or later: runs that wait for a decision are pending TaskRuns.`,
      ),
    )
  } else found.push(ok(`It is ${version}.`))
  if (flags.data?.['set-security-context'] !== 'true') {
    const todo = `kubectl -n ${tektonNamespace} patch configmap feature-flags --type merge -p '{"data":{"set-security-context":"true"}}'`
    found.push(
      problem(
        'The flag set-security-context is not "true": namespaces that enforce Pod Security "restricted" refuse its pods.',
        todo,
      ),
    )
  } else found.push(ok('The flag set-security-context is "true".'))
  return found
}

/** Ours against the API server's, which decides when access ends. */
export async function checkClock(kube: Kube): Promise<Found[]> {
  await kube.version()
  const aheadMs = kube.now().getTime() - Date.now()
  // The API server's clock is known to within a second.
  const words = `The API server's clock is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's.`
  if (Math.abs(aheadMs) <= clockOffMsMax) return [ok(words)]
  return [warning(words, 'Have both follow NTP: tokens and sessions are judged by these clocks.')]
}

export async function checkNamespaces(kube: Kube, config: Config): Promise<Found[]> {
  const found: Found[] = []
  for (const name of [config.POD_NAMESPACE, config.SERVING_NAMESPACE]) {
    const namespace = await kube.find(Namespace, { name })
    if (!namespace) {
      found.push(
        problem(
          `The namespace ${name} does not exist.`,
          'kubectl apply --server-side -f manifests/deploy/namespaces.yaml',
        ),
      )
    } else if (namespace.status?.phase === 'Terminating') {
      found.push(
        problem(
          `The namespace ${name} is being deleted.`,
          'Wait until it is gone, then install again.',
        ),
      )
    } else found.push(ok(`The namespace ${name} is there.`))
  }
  return found
}

function isOlder(version: string, min: number[]): boolean {
  const parts = (/^v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  if (parts.length < 2) return false
  const [major = 0, minor = 0] = parts
  const [minMajor = 0, minMinor = 0] = min
  return major < minMajor || (major === minMajor && minor < minMinor)
}

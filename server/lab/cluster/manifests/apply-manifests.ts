import type { Api } from '#server/lab/cluster/api/api.ts'
import { patchObject } from '#server/lab/cluster/api/verbs/patch-object.ts'
import type { Draft } from '#server/lab/cluster/client.ts'
import { loadManifests } from './load-manifests.ts'

const manager = 'kubectl'

/** Applies a kustomization as `kubectl apply --server-side -k` would; a mistake in it is said with its object. */
export async function applyManifests(api: Api, path: string, signal: AbortSignal): Promise<void> {
  for (const object of loadManifests(path)) {
    await served(api, object, signal)
    try {
      apply(api, object)
    } catch (error) {
      const { kind, metadata } = object
      const where = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`${path}: ${kind} ${where}: ${why}`, { cause: error })
    }
  }
}

function apply(api: Api, object: Draft): void {
  const found = api.registry.findKind(object.apiVersion, object.kind)
  if (!found) throw new Error(`no kind ${object.kind} in ${object.apiVersion} is served`)
  const namespace = found.resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined
  const contentType = 'application/apply-patch+yaml'
  patchObject(
    api,
    found,
    namespace,
    object.metadata.name ?? '',
    { contentType, body: object, force: true, hasManager: true },
    {
      user: undefined,
      manager,
      dryRun: false,
      subresource: undefined,
      fieldValidation: 'Strict',
      warn: () => undefined,
    },
  )
}

/** Waits for the kind of a CRD that was applied before. */
function served(api: Api, { apiVersion, kind }: Draft, signal: AbortSignal): Promise<void> {
  const isServed = () => api.registry.findKind(apiVersion, kind) !== undefined
  const isExpected = () =>
    api.store
      .list('customresourcedefinitions.apiextensions.k8s.io')
      .some((crd) => crd.spec?.names?.kind === kind && apiVersion.startsWith(`${crd.spec.group}/`))
  if (isServed() || !isExpected()) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = api.store.onChange('*', () => queueMicrotask(check))
    const onAbort = () => reject(new Error('the cluster was closed'))
    signal.addEventListener('abort', onAbort)
    function check() {
      if (!isServed()) return
      stop()
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    check()
  })
}

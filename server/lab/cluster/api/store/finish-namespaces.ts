import { type Api, timestamp } from '#server/lab/cluster/api/api.ts'
import { tableOf } from '#server/lab/cluster/api/registry.ts'
import { StatusError } from '#server/lab/cluster/api/status.ts'
import { deleteObject } from '#server/lab/cluster/api/verbs/delete-object.ts'
import { updateObject } from '#server/lab/cluster/api/verbs/update-object.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export function startNamespaceFinisher(api: Api, signal: AbortSignal): void {
  let scheduled = false
  const stop = api.store.onChange('*', () => {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (signal.aborted) return
      for (const namespace of api.store.list('namespaces'))
        if (namespace.metadata.deletionTimestamp) finish(api, namespace)
    })
  })
  signal.addEventListener('abort', stop)
}

function finish(api: Api, namespace: KubeObject): void {
  const { name } = namespace.metadata
  const remaining: string[] = []
  for (const resource of api.registry.resources()) {
    if (!resource.namespaced) continue
    const table = tableOf(resource)
    const served = { resource, version: resource.version, other: undefined }
    for (const { metadata } of api.store.list(table, name)) {
      const options = { propagationPolicy: 'Background' as const, dryRun: false }
      if (!metadata.deletionTimestamp)
        tolerant(() => void deleteObject(api, served, name, metadata.name, options))
    }
    const left = api.store.list(table, name).length
    if (left > 0) remaining.push(`${table} has ${left} resource instances`)
  }
  if (remaining.length > 0) tolerant(() => report(api, namespace, remaining))
  else tolerant(() => release(api, name))
}

function release(api: Api, name: string): void {
  const current = api.store.get('namespaces', undefined, name)
  const resource = api.registry.byTable('namespaces')
  if (!current || !resource) return
  const served = { resource, version: 'v1', other: undefined }
  const body = { ...current, spec: { ...current.spec, finalizers: [] } }
  updateObject(api, served, undefined, name, body, {
    user: undefined,
    manager: 'kube-controller-manager',
    dryRun: false,
    subresource: 'finalize',
    fieldValidation: 'Ignore',
    warn: () => undefined,
  })
}

type Condition = { type: string; status: string; message: string; lastTransitionTime: string }

/** Why it takes so long, as `kubectl describe namespace` shows it. */
function report(api: Api, namespace: KubeObject, remaining: string[]): void {
  const lastTransitionTime = timestamp(api.now())
  const found = (type: string, status: string, reason: string, message: string) => {
    const before: Condition[] = namespace.status?.conditions ?? []
    const same = before.find(
      (one) => one.type === type && one.status === status && one.message === message,
    )
    return same ?? { type, status, lastTransitionTime, reason, message }
  }
  const conditions = [
    found(
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    found(
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    found(
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    found(
      'NamespaceContentRemaining',
      'True',
      'SomeResourcesRemain',
      `Some resources are remaining: ${remaining.join(', ')}`,
    ),
  ]
  api.client.patchStatus('namespaces', undefined, namespace.metadata.name, {
    status: { conditions },
  })
}

function tolerant(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

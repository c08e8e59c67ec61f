import {
  apiVersionOf,
  type Kind,
  type KubeObject,
  resourceOf,
} from '#server/platform/model/kubernetes.ts'
import type { ListOptions } from './kube.ts'
import { pathOf } from './paths.ts'
import { isExpired } from './translate-status.ts'
import type { Transport } from './transport.ts'

export type Listed<T> = { objects: T[]; resourceVersion: string }

type Page<T> = { items?: T[] | null; metadata?: { resourceVersion?: string; continue?: string } }

const pageSize = 500

/** All objects, read in pages; a continuation that expired on the way starts once more, in one piece. */
export async function listObjects<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  options: ListOptions,
): Promise<Listed<T>> {
  try {
    return await listPages(transport, kind, options, pageSize)
  } catch (error) {
    if (!isExpired(error)) throw error
    return listPages(transport, kind, options, undefined)
  }
}

async function listPages<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  { namespace, labelSelector, fieldSelector }: ListOptions,
  limit: number | undefined,
): Promise<Listed<T>> {
  const objects: T[] = []
  let next: string | undefined
  while (true) {
    const page = (await transport.call({
      method: 'GET',
      path: pathOf(kind, { namespace }),
      query: { labelSelector, fieldSelector, limit, continue: next },
      asked: { verb: 'list', resource: resourceOf(kind), namespace },
    })) as Page<T>
    for (const item of page.items ?? []) objects.push(asKept(kind, item))
    next = page.metadata?.continue
    if (!next) return { objects, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }
}

/**
 * As lists, watches and their caches keep an object: items of Kubernetes' own lists do not say what they are, and the
 * managed fields, often half of the object, are nothing that a reader reads. An update without them leaves them alone.
 */
export function asKept<T extends KubeObject>(kind: Kind<T>, object: T): T {
  const { managedFields: _, ...metadata }: T['metadata'] & { managedFields?: unknown } =
    object.metadata
  return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata }
}

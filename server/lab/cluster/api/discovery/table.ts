import { apiVersionOf, type Served } from '#server/lab/cluster/api/registry.ts'
import type { Column } from '#server/lab/cluster/api/resource.ts'
import type { Page } from '#server/lab/cluster/api/verbs/list-objects.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { humanDuration, nameColumn } from '#server/lab/cluster/crd/printer-columns.ts'

const ageDescription =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** The last column of most built-in kinds. */
export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: ageDescription,
  cell: ({ metadata }) => humanDuration(Date.now() - Date.parse(metadata.creationTimestamp)),
}

/** Name, what the kind adds, age. */
export function usualColumns(...between: Column[]): Column[] {
  return [nameColumn, ...between, ageColumn]
}

/** How much of each object a Table's rows carry. */
export type Included = 'None' | 'Metadata' | 'Object'

/** What `kubectl get` prints: columns and a row for each object. */
export function tableOfObjects(
  served: Served,
  objects: KubeObject[],
  metadata: object,
  include: Included,
  withColumns = true,
): object {
  const columns = served.other?.columns ?? served.resource.columns
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? columns.map(definitionOf) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object)),
      ...(include === 'None'
        ? {}
        : { object: include === 'Object' ? object : metadataOnly(object) }),
    })),
  }
}

/** `PartialObjectMetadata`: what is common to all kinds. */
export function metadataOnly({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

/** A list as it travels. Items of built-in kinds do not repeat kind and version. */
export function listBody({ resource, version }: Served, page: Page, items: KubeObject[]): object {
  return {
    kind: resource.listKind ?? `${resource.kind}List`,
    apiVersion: apiVersionOf(resource.group, version),
    metadata: listMetadata(page),
    items: resource.custom
      ? items
      : items.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest),
  }
}

export function listMetadata(page: Page): object {
  return {
    resourceVersion: page.resourceVersion,
    ...(page.continue ? { continue: page.continue } : {}),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  }
}

function definitionOf({ name, type, format, description, priority }: Column): object {
  return {
    name,
    type,
    format: format ?? '',
    description: description ?? '',
    priority: priority ?? 0,
  }
}

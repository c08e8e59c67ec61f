import type { Column } from '#server/lab/cluster/api/resource.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { humanDuration } from '#server/lab/cluster/crd/printer-columns.ts'

type Cell = string | number | boolean | null

/** Name first and age last, as in every table of `kubectl get`; `wide` columns come after the age. */
export function columnsWith(columns: Column[], wide: Column[] = []): Column[] {
  return [
    { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata.name },
    ...columns,
    { name: 'Age', type: 'string', cell: (object) => ageOf(object.metadata.creationTimestamp) },
    ...wide.map((one) => ({ ...one, priority: 1 })),
  ]
}

export function text(name: string, cell: (object: KubeObject) => Cell): Column {
  return { name, type: 'string', cell }
}

export function integer(name: string, cell: (object: KubeObject) => number): Column {
  return { name, type: 'integer', cell }
}

/** How long ago a time was, as `5m12s`. */
export function ageOf(time: string | null | undefined): string {
  if (!time) return '<unknown>'
  return humanDuration(Date.now() - Date.parse(time))
}

/** `app=web,tier=front`, or `<none>`. */
export function selectorText(selector: Record<string, string> | undefined): string {
  const parts = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`)
  return parts.sort().join(',') || '<none>'
}

import type { Column } from '#server/lab/cluster/api/resource.ts'
import type { CrdVersion, PrinterColumn } from './crd.ts'
import { jsonPath } from './schema/json-path.ts'

type Cell = string | number | boolean | null

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
}

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'

/** The name, as the first column of every table. */
export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: nameDescription,
  priority: 0,
  cell: (object) => object.metadata.name,
}

/** The name and the columns that a CRD version declares for `kubectl get`; the age where it declares none. */
export function printerColumns(version: CrdVersion): Column[] {
  const declared = version.additionalPrinterColumns ?? []
  return [nameColumn, ...(declared.length > 0 ? declared : [ageColumn]).map(columnOf)]
}

/** How long a span is, in at most two units, as `kubectl get` writes ages. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return pair(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
}

function columnOf(column: PrinterColumn): Column {
  const find = jsonPath(column.jsonPath)
  return {
    name: column.name,
    type: typeOf(column.type),
    format: column.format ?? '',
    description:
      column.description ||
      `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
    cell(object) {
      const found = find?.(object).filter((one) => one !== undefined) ?? []
      return cellOf(found, column.type)
    },
  }
}

function cellOf(found: unknown[], type: string): Cell {
  const [first] = found
  if (first === undefined || first === null) return type === 'date' ? '<unknown>' : null
  if (type === 'string') return found.map(textOf).join(',')
  if (type === 'boolean') return typeof first === 'boolean' ? first : null
  if (type === 'integer') return typeof first === 'number' ? Math.trunc(first) : null
  if (type === 'number') return typeof first === 'number' ? first : null
  const time = Date.parse(String(first))
  return Number.isNaN(time) ? '<invalid>' : humanDuration(Date.now() - time)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function typeOf(type: string): Column['type'] {
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
    case 'date':
      return type
    default:
      return 'string'
  }
}

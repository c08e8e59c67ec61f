import { StatusError } from '#server/lab/cluster/api/status.ts'
import { pathText } from './field-set.ts'
import type { Manager } from './managed-fields.ts'

export type FieldConflict = { manager: Manager; path: string[] }

/** `Apply failed with 1 conflict: …`, worded as the API server does. */
export function conflictError(conflicts: FieldConflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(manager)}`,
    field: pathText(path),
  }))
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), { causes })
}

function conflictMessage(conflicts: FieldConflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${pathText(first.path)}`
  const byManager = new Map<string, string[]>()
  for (const { manager, path } of conflicts) {
    const name = managerText(manager)
    byManager.set(name, [...(byManager.get(name) ?? []), `- ${pathText(path)}`])
  }
  const lines = [...byManager]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, paths]) => [`conflicts with ${name}:`, ...paths])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function managerText({ manager, operation, apiVersion, subresource, time }: Manager): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource "${subresource}"` : '')
  if (operation === 'Apply') return name
  return time === '' ? `${name} using ${apiVersion}` : `${name} using ${apiVersion} at ${time}`
}

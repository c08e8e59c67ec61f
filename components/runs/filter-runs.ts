import type { RunView } from '#server/domain/views.ts'

export const runFilters = ['state', 'task', 'namespace', 'person'] as const
export type RunFilter = Partial<Record<(typeof runFilters)[number], string>>

function filterValue(run: RunView, filter: (typeof runFilters)[number]): string | undefined {
  if (filter === 'namespace') return run.binding?.namespace ?? run.namespace
  if (filter === 'person') return run.startedBy
  return run[filter]
}

/** Those that every set filter lets through, newest first. */
export function filterRuns(runs: readonly RunView[], filter: RunFilter): RunView[] {
  return runs
    .filter((run) =>
      runFilters.every((name) => !filter[name] || filterValue(run, name) === filter[name]),
    )
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || b.name.localeCompare(a.name))
}

/** What a filter can be set to: what occurs, and what it is set to now. */
export function choicesOf(
  runs: readonly RunView[],
  filter: (typeof runFilters)[number],
  chosen?: string,
): string[] {
  const values = new Set(runs.map((run) => filterValue(run, filter)))
  if (chosen) values.add(chosen)
  return [...values].filter((value) => value !== undefined).sort()
}

import type { RunView } from '#server/runs/views/run.ts'

export const runFilters = ['state', 'task', 'binding', 'namespace', 'person'] as const
export type RunFilter = Partial<Record<(typeof runFilters)[number], string>>

/** How far back, in hours; the address says it in these words. */
export const runPeriods = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export type RunPeriod = keyof typeof runPeriods

function filterValue(run: RunView, filter: (typeof runFilters)[number]): string | undefined {
  if (filter === 'namespace') return run.binding?.namespace ?? run.namespace
  if (filter === 'binding') return run.binding && `${run.binding.namespace}/${run.binding.name}`
  if (filter === 'person') return run.startedBy
  return run[filter]
}

/** Those that every set filter lets through, begun since `since`, newest first. */
export function filterRuns(runs: readonly RunView[], filter: RunFilter, since?: Date): RunView[] {
  const from = since?.getTime() ?? 0
  return runs
    .filter(
      (run) =>
        runFilters.every((name) => !filter[name] || filterValue(run, name) === filter[name]) &&
        // A run that was only just made may have no time yet.
        (!since || !run.createdAt || Date.parse(run.createdAt) >= from),
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
  return [...values].filter((value) => value !== undefined && value !== '').sort() as string[]
}

export function periodOf(text: string | null): RunPeriod | undefined {
  return Object.keys(runPeriods).find((period) => period === text) as RunPeriod | undefined
}

export function sinceOf(period: RunPeriod | undefined, now: Date): Date | undefined {
  return period && new Date(now.getTime() - runPeriods[period] * 3_600_000)
}

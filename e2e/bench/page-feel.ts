/** What a person at a page feels, in milliseconds. */
export type Felt = {
  /** Interactions that took long enough to be reported (16 ms and more), and all that were made. */
  slowInteractions: number
  interactions: number
  /** Interaction to next paint: the 98th percentile, as the metric of that name has it. */
  inpMs: number
  longestInteractionMs: number
  longestTaskMs: number
  longTasks: number
}

type Bench = { events: Map<number, number>; count: number; tasks: number[] }

/** Runs in the page before everything else: hears how long interactions and tasks take. */
export function listen(): void {
  const bench: Bench = { events: new Map(), count: 0, tasks: [] }
  Object.assign(globalThis, { bench })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceEventTiming[]) {
      const id = entry.interactionId ?? 0
      if (id === 0) continue
      bench.events.set(id, Math.max(bench.events.get(id) ?? 0, entry.duration))
    }
    // Of the Event Timing API, which TypeScript's own types leave out.
  }).observe({ type: 'event', buffered: true, ...{ durationThreshold: 16 } })
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      const [begin] = performance.getEntriesByName('begin')
      if (begin && startTime >= begin.startTime) bench.tasks.push(duration)
    }
  }).observe({ type: 'longtask', buffered: true })
}

/** Runs in the page: what was felt since the mark `begin`. */
export function feltSince(): Felt {
  const { events, tasks } = (globalThis as unknown as { bench: Bench }).bench
  const made = (performance as Performance & { interactionCount?: number }).interactionCount
  const durations = [...events.values()].sort((a, b) => b - a)
  const interactions = made ?? durations.length
  return {
    slowInteractions: durations.length,
    interactions,
    inpMs: durations[Math.min(durations.length - 1, Math.floor(interactions / 50))] ?? 0,
    longestInteractionMs: durations[0] ?? 0,
    longestTaskMs: Math.round(Math.max(0, ...tasks)),
    longTasks: tasks.length,
  }
}

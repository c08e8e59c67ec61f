/**
 * How much one comparison may compute. Every loop and every large multiplication spends from it, so that the time is
 * bounded without signals, in a browser too, and the same inputs always end the same way.
 */
const state = { left: 0 }

const stopName = 'Undecided'

/** At most about 100 ms of one core of 2026; half of all comparisons take 0.2 ms. */
export const fullWork = 80_000

export function startWork(units: number = fullWork): void {
  state.left = units
}

export function workLeft(): number {
  return state.left
}

/** @throws what `undecidedRule` reads, once nothing is left. */
export function spend(units: number): void {
  state.left -= units
  if (state.left < 0) undecided('too much work')
}

/** Runs with at most a part of what is left, and gives back what it did not use. */
export function withWork<T>(units: number, run: () => T): T {
  const outside = Math.max(0, state.left - units)
  state.left -= outside
  try {
    return run()
  } finally {
    state.left = Math.max(0, state.left) + outside
  }
}

/** Ends a comparison that cannot be decided, naming why. */
export function undecided(rule: string): never {
  const stop = new Error(rule)
  stop.name = stopName
  throw stop
}

/** The rule by which a comparison ended undecided; rethrows every other error. */
export function undecidedRule(error: unknown): string {
  if (error instanceof Error && error.name === stopName) return error.message
  if (error instanceof RangeError) return 'too much work'
  throw error
}

/** The value, or undefined where it is undecided; running out of work still ends the comparison. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (undecidedRule(error) === 'too much work' && state.left < 0) throw error
    return undefined
  }
}

import { finishRun, perform, type Simulation, sweep, worldOf } from './binding-simulation.ts'

/** More steps than this for one binding would be a circle. */
const stepsMax = 300

/**
 * Steps and runs go on until nothing is left to do but for people to decide, or for a grant's own time to pass. `look` is
 * called after each step. Throws where it goes round in circles.
 */
export function settle(simulation: Simulation, look: () => void = () => {}): void {
  for (let count = 0; count < stepsMax; count += 1) {
    const world = worldOf(simulation)
    if (!world) {
      sweep(simulation)
      return
    }
    const step = perform(simulation, world)
    look()
    if (step.step !== 'wait') continue
    const before = JSON.stringify([...simulation.runs])
    for (const name of simulation.runs.keys()) finishRun(simulation, name, true)
    if (JSON.stringify([...simulation.runs]) !== before) continue
    // An end that is under way waits for the next attempt, or to be let go; everything else waits for people.
    const { end } = simulation.binding?.status ?? {}
    if (!step.until || !end || end.provenAt) return
    simulation.now = step.until
  }
  throw new Error('It goes round in circles.')
}

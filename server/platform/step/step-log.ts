/** A line for the people who follow the run. */
export function logStep(line: string): void {
  console.log(line)
}

/** Says a line only where it differs from the last: a wait is not a flood. */
export function createStepLog(): (line: string) => void {
  let last: string | undefined
  return (line) => {
    if (line !== last) console.log(line)
    last = line
  }
}

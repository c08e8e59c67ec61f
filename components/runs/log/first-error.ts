import type { BufferedLine } from './log-buffer.ts'

/** Where a failed step is best read from: its first line that says it is an error, else its last one. */
export function firstError(lines: readonly BufferedLine[], step: string): BufferedLine | undefined {
  let last: BufferedLine | undefined
  for (const line of lines) {
    if (line.step !== step) continue
    if (line.level === 'error') return line
    last = line
  }
  return last
}

/** The nearest line before or after that holds, by its index; undefined where there is none. */
export function nextLine(
  lines: readonly BufferedLine[],
  from: number,
  by: 1 | -1,
  holds: (line: BufferedLine) => boolean,
): BufferedLine | undefined {
  for (let index = from; index >= 0 && index < lines.length; index += by) {
    const line = lines[index]
    if (line && holds(line)) return line
  }
  return undefined
}

import type { BufferedLine } from './log-buffer.ts'

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

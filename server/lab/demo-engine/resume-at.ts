const tailsLengths = [80, 40, 20, 10]

/**
 * How much of an answer has been said by the text that it is to go on with. The same question may have been answered in
 * other words before: then what the text ends with is looked for, and where it is nowhere, the thoughts are over.
 */
export function resumeAt(answer: string, begun: string): number {
  if (answer.startsWith(begun)) return begun.length
  const closing = '</think>'
  const contentAt = answer.indexOf(closing) + closing.length
  const [, said] = begun.split(closing)
  const from = said === undefined ? 0 : contentAt
  const tail = said ?? begun
  if (said !== undefined && answer.startsWith(said, from)) return from + said.length
  for (const length of tailsLengths) {
    if (length > tail.length) continue
    const at = answer.indexOf(tail.slice(-length), from)
    if (at >= 0) return at + length
  }
  return said === undefined ? contentAt - closing.length : contentAt
}

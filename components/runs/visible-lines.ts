import type { NumberedLine } from './log-buffer.ts'

/** Follows a growing list, keeping those of one step; each call looks only at the lines that are new. */
export function createStepFilter() {
  let step: string | undefined
  let source: readonly NumberedLine[] = []
  let seen = 0
  let kept: NumberedLine[] = []

  return function visible(
    lines: readonly NumberedLine[],
    wanted: string | undefined,
  ): readonly NumberedLine[] {
    if (wanted === undefined) return lines
    if (wanted !== step || lines !== source || lines.length < seen) {
      step = wanted
      source = lines
      seen = 0
      kept = []
    }
    for (; seen < lines.length; seen++) {
      const line = lines[seen]
      if (line?.step === wanted) kept.push(line)
    }
    return kept
  }
}

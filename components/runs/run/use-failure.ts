'use client'
import { useMemo } from 'react'
import { indexOfRow } from '#components/runs/log/line-index.ts'
import type { BufferedLine } from '#components/runs/log/log-buffer.ts'
import { plainText } from '#components/runs/log/log-text.ts'
import type { FollowedLog } from '#components/runs/log/use-run-log.ts'
import { explainFailure, type Failure, mayExplain } from '#server/runs/model/failure-rules.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { RunEventView } from '#server/runs/views/run-detail-view.ts'

export type Excerpt = { row?: number; lines: BufferedLine[] }

const lastMax = 100
const tellingMax = 1000
const lookedMax = 50_000
const textMax = 2000
const before = 2
const after = 4

/** What explains a run that failed, and the row where its log is best read from. */
export function useFailure(
  run: RunView,
  log: FollowedLog,
  events: RunEventView[] | undefined,
): { failure?: Failure; excerpt: Excerpt } {
  const { lines, ended, firstErrors } = log
  const failed = run.state === 'failed' || run.state === 'timed-out'
  const read = useMemo(
    () => (failed && ended && run.failedStep ? tellingLines(lines, run.failedStep) : []),
    [failed, ended, lines, run.failedStep],
  )
  const failure = useMemo(
    () => (failed ? explainFailure({ run, lines: read, events }) : undefined),
    [failed, run, read, events],
  )
  const row =
    failure?.row ??
    (run.failedStep ? firstErrors.get(run.failedStep) : undefined) ??
    (ended ? read.at(-1)?.row : undefined)
  const excerpt = useMemo(
    () => (failed ? excerptAt(lines, row) : { lines: [] }),
    [failed, lines, row, ended],
  )
  return { failure, excerpt }
}

/** Of the last attempt of a step: its last lines, and before them those that are errors or that a rule could know. */
function tellingLines(
  lines: readonly BufferedLine[],
  step: string,
): { row: number; text: string }[] {
  const own: BufferedLine[] = []
  let attempt: number | undefined
  let looked = 0
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index]
    if (line?.step !== step) continue
    if (own.length === 0) attempt = line.attempt
    if (line.attempt !== attempt) break
    if (own.length < lastMax || isTelling(line)) own.push(line)
    if (own.length >= tellingMax || ++looked >= lookedMax) break
  }
  return own.reverse().map(({ row, text }) => ({ row, text: plainText(text.slice(0, textMax)) }))
}

function isTelling(line: BufferedLine): boolean {
  return line.level === 'error' || mayExplain(line.text.slice(0, textMax))
}

function excerptAt(lines: readonly BufferedLine[], row: number | undefined): Excerpt {
  if (row === undefined) return { lines: [] }
  const index = indexOfRow(lines, row)
  const step = lines[index]?.step
  return {
    row,
    lines: lines
      .slice(Math.max(0, index - before), index + after + 1)
      .filter((line) => line.step === step),
  }
}

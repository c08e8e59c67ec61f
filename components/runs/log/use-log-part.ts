'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { logPartQuery } from '#components/data/run-queries.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { LogGap } from '#server/runs/views/run-log-views.ts'
import { createLogBuffer } from './log-buffer.ts'
import type { FollowedLog } from './use-run-log.ts'

/** The part of a log around a row that the page no longer holds; undefined where nothing of the kind is asked. */
export function useLogPart(
  run: Pick<RunView, 'namespace' | 'name'>,
  container: string | undefined,
  row: number | undefined,
): FollowedLog | undefined {
  const asked = useQuery({ ...logPartQuery(run, row ?? 1, container), enabled: row !== undefined })
  const { data } = asked
  return useMemo(() => {
    if (row === undefined || !data) return undefined
    const buffer = createLogBuffer((notify) => notify())
    buffer.append(data.lines)
    const isMark = ({ reason }: LogGap) => reason === 'pod-replaced'
    data.gaps.filter(isMark).forEach(buffer.mark)
    const lines = buffer.lines()
    return {
      lines,
      version: buffer.version(),
      earlier: 0,
      part: { from: lines[0]?.row ?? row, to: lines.at(-1)?.row ?? row, rows: data.rows },
      levels: buffer.levels(),
      folds: buffer.folds(),
      firstErrors: buffer.firstErrors(),
      gaps: data.gaps.filter((gap) => !isMark(gap)),
      containers: [],
      behind: 0,
      connected: true,
      ended: data.ended,
    }
  }, [data, row])
}

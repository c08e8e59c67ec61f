'use client'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { logSearchQuery } from '#components/data/run-queries.ts'
import type { FollowedLog } from '#components/runs/log/use-run-log.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { SearchWish } from './search-pattern.ts'

export type WholeSearch = {
  /** Matching rows, ascending: all of them, or some thousand around where one reads. */
  rows: readonly number[]
  /** So many match before the first of these. */
  before: number
  count: number
}

/** The rows around which matches are asked for change only so often. */
const stretchRows = 100_000

/** What the server finds in all of a log that is larger than its page; undefined where the page has all of it. */
export function useWholeSearch(
  run: Pick<RunView, 'namespace' | 'name'>,
  log: FollowedLog,
  wish: SearchWish,
  part: { container?: string; step?: string },
): WholeSearch | undefined {
  const asked = useDeferredValue(wish)
  const isLarger = log.earlier > 0 || log.part !== undefined
  const at = log.part?.from ?? log.earlier
  const around = Math.max(1, Math.floor(at / stretchRows) * stretchRows)
  const { data } = useQuery({
    ...logSearchQuery(run, asked, { ...part, around }),
    enabled: isLarger && asked.text !== '',
    staleTime: 60_000,
  })
  if (!isLarger || wish.text === '') return undefined
  if (!data) return { rows: [], before: 0, count: 0 }
  return { rows: data.matching, before: data.matchingBefore, count: data.count }
}

'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { olderRunsQuery } from '#components/data/run-queries.ts'
import type { RunView } from '#server/runs/views/run.ts'

/** So many runs that are gone come with the list. */
const listedMax = 500

/** The list, and what was before it as far as somebody looked back. */
export function useOlderRuns(listed: readonly RunView[] | undefined) {
  const [isAsked, setAsked] = useState(false)
  const gone = (listed ?? []).filter(({ goneAt }) => goneAt)
  const last = gone.length >= listedMax ? oldestOf(gone) : undefined
  // Where it began stays where it was, although the list goes on.
  const [from, setFrom] = useState<{ before: string; name: string }>()
  const older = useInfiniteQuery(olderRunsQuery(isAsked ? from : undefined))
  const runs = [...(listed ?? [])]
  const ids = new Set(runs.map(({ id }) => id))
  for (const run of older.data?.pages.flatMap((page) => page.runs) ?? []) {
    // A name that was used again means the newest run.
    if (!ids.has(run.id)) runs.push(run)
    ids.add(run.id)
  }
  return {
    runs,
    error: older.error,
    isLooking: isAsked && older.isFetching,
    /** Undefined at the end of what there is. */
    lookBack: (isAsked ? older.hasNextPage : last !== undefined)
      ? () => {
          if (isAsked) return void older.fetchNextPage()
          setFrom(last && { before: last.createdAt, name: last.name })
          setAsked(true)
        }
      : undefined,
  }
}

function oldestOf(runs: readonly RunView[]): RunView | undefined {
  return runs.toSorted(
    (a, b) => a.createdAt.localeCompare(b.createdAt) || (a.name < b.name ? -1 : 1),
  )[0]
}

'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { runDetailQuery } from '#components/data/run-queries.ts'
import { LogViewer } from '#components/runs/log/log-viewer.tsx'
import { useLogAddress } from '#components/runs/log/use-log-address.ts'
import { useLogPart } from '#components/runs/log/use-log-part.ts'
import { useRunLog } from '#components/runs/log/use-run-log.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { everyContainer } from '#server/runs/views/run-log-views.ts'
import { FailureCard } from './failure-card.tsx'
import { isStarting, StartingCard } from './starting-card.tsx'
import { useFailure } from './use-failure.ts'

const startingLookMs = 3000

/** A run's log, live. Of a failed run: what explains it first, and the log opens where it failed. */
export function RunLog({
  run,
  step,
  children = (card, log) => (
    <>
      {card ? <div className="border-b border-line p-4">{card}</div> : null}
      {log}
    </>
  ),
}: {
  run: RunView
  step?: string
  /** Where the two stand. */
  children?: (card: ReactNode, log: ReactNode) => ReactNode
}) {
  const held = useLogAddress()
  const { container } = held.address
  const log = useRunLog(run.namespace, run.name, container)
  const linked = held.address.range?.from
  const part = useLogPart(
    run,
    container,
    linked !== undefined && linked <= log.earlier ? linked : undefined,
  )
  const failed = run.state === 'failed' || run.state === 'timed-out'
  const starting = isStarting(run)
  const { data: detail } = useQuery({
    ...runDetailQuery(run),
    enabled: failed || starting,
    // Events of a pod that does not start come without a change of the run.
    refetchInterval: starting ? startingLookMs : false,
  })
  const { failure, excerpt } = useFailure(run, log, detail?.events)
  return children(
    failed ? (
      <FailureCard run={run} failure={failure} excerpt={excerpt} />
    ) : starting && detail ? (
      <StartingCard run={run} events={detail.events} />
    ) : null,
    <LogViewer
      run={run}
      log={part ?? log}
      held={held}
      step={container && container !== everyContainer ? undefined : step}
      // What fails at every attempt is read at the last one, and that is known at the end.
      openAt={log.ended || !detail || detail.attempts.length < 2 ? excerpt.row : undefined}
    />,
  )
}

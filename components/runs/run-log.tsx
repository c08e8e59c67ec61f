'use client'
import type { RunView } from '#server/domain/views.ts'
import { firstError } from './log/first-error.ts'
import { LogViewer } from './log/log-viewer.tsx'
import { useLogAddress } from './log/use-log-address.ts'
import { useRunLog } from './log/use-run-log.ts'

/** A run's log, live; that of a failed run opens where it failed. */
export function RunLog({ run, step }: { run: RunView; step?: string }) {
  const held = useLogAddress()
  const { container } = held.address
  const log = useRunLog(run.namespace, run.name, container)
  const openAt = run.failedStep ? firstError(log.lines, run.failedStep)?.row : undefined
  return (
    <LogViewer
      run={run}
      log={log}
      held={held}
      step={container ? undefined : step}
      openAt={openAt}
    />
  )
}

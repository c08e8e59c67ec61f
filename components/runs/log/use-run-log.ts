'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { followEvents } from '#components/data/follow-events.ts'
import { pathOf } from '#components/data/queries.ts'
import type { AppError } from '#server/platform/model/errors.ts'
import type { LogEvent } from '#server/runs/views/log-event.ts'
import { type LogContainer, type LogGap, tailRowsMax } from '#server/runs/views/run-log-views.ts'
import { type BufferedLine, createLogBuffer } from './log-buffer.ts'
import type { Level } from './log-level.ts'

export type FollowedLog = {
  lines: readonly BufferedLine[]
  version: number
  /** The last row that this page no longer holds, or 0. */
  earlier: number
  /** Set where this is a part of a log that is larger than the page. */
  part?: { from: number; to: number; rows: number }
  levels: Readonly<Record<Level, number>>
  folds: readonly number[]
  /** By step, the first row of its latest attempt that says it is an error. */
  firstErrors: ReadonlyMap<string, number>
  gaps: LogGap[]
  /** What else ran in the pod and has a log. */
  containers: LogContainer[]
  /** So many rows are there and have not reached this page. */
  behind: number
  connected: boolean
  ended: boolean
  failure?: AppError
}

/** A run's log, of a very long one its end, or that of one container beside its steps, live until it ends; after a cut the stream goes on at the line it had reached. */
export function useRunLog(namespace: string, name: string, container?: string): FollowedLog {
  const [buffer] = useState(() => createLogBuffer((notify) => requestAnimationFrame(notify)))
  const version = useSyncExternalStore(buffer.subscribe, buffer.version, () => 0)
  const [connected, setConnected] = useState(false)
  const [ended, setEnded] = useState(false)
  const [gaps, setGaps] = useState<LogGap[]>([])
  const [containers, setContainers] = useState<LogContainer[]>([])
  const [behind, setBehind] = useState(0)
  const [failure, setFailure] = useState<AppError>()

  useEffect(() => {
    const controller = new AbortController()
    buffer.clear()
    setGaps([])
    setEnded(false)
    setFailure(undefined)
    const asked = new URLSearchParams({ tail: String(tailRowsMax) })
    if (container) asked.set('container', container)
    followEvents(`${pathOf('runs', namespace, name, 'log')}?${asked}`, {
      events: ['tail', 'lines', 'steps', 'containers', 'gap', 'behind', 'end'],
      last: ['end'],
      signal: controller.signal,
      onConnected: setConnected,
      onFailed: setFailure,
      onEvent: ({ event, data }) => {
        const message = { event, data } as LogEvent
        if (message.event === 'lines') buffer.append(message.data.lines)
        if (message.event === 'tail') buffer.beginAt(message.data.from)
        if (message.event === 'gap') {
          if (message.data.reason === 'pod-replaced') buffer.mark(message.data)
          else setGaps((known) => withGap(known, message.data))
        }
        if (message.event === 'containers') setContainers(message.data.containers)
        if (message.event === 'behind') setBehind(message.data.rows)
        if (message.event === 'end') setEnded(true)
      },
    })
    return () => controller.abort()
  }, [buffer, namespace, name, container])

  return {
    lines: buffer.lines(),
    version,
    earlier: buffer.earlier(),
    levels: buffer.levels(),
    folds: buffer.folds(),
    firstErrors: buffer.firstErrors(),
    gaps,
    containers,
    behind,
    connected,
    ended,
    failure,
  }
}

/** A stream that was cut may tell of one again. */
function withGap(known: LogGap[], gap: LogGap): LogGap[] {
  return known.some(({ row }) => row === gap.row) ? known : [...known, gap]
}

'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { followEvents } from '#components/data/follow-events.ts'
import { pathOf } from '#components/data/queries.ts'
import type { AppError } from '#server/domain/errors.ts'
import type { LogGap } from '#server/domain/run-log-views.ts'
import type { LogEvent } from '#server/domain/stream-events.ts'
import { createLogBuffer, type NumberedLine } from './log-buffer.ts'

export type FollowedLog = {
  lines: readonly NumberedLine[]
  version: number
  gaps: LogGap[]
  connected: boolean
  ended: boolean
  failure?: AppError
}

/** A run's log from its beginning, live until it ends; after a cut the stream goes on at the line it had reached. */
export function useRunLog(namespace: string, name: string): FollowedLog {
  const [buffer] = useState(() => createLogBuffer((notify) => requestAnimationFrame(notify)))
  const version = useSyncExternalStore(buffer.subscribe, buffer.version, () => 0)
  const [connected, setConnected] = useState(false)
  const [ended, setEnded] = useState(false)
  const [gaps, setGaps] = useState<LogGap[]>([])
  const [failure, setFailure] = useState<AppError>()

  useEffect(() => {
    const controller = new AbortController()
    buffer.clear()
    setGaps([])
    setEnded(false)
    setFailure(undefined)
    followEvents(pathOf('runs', namespace, name, 'log'), {
      events: ['lines', 'steps', 'gap', 'end'],
      last: ['end'],
      signal: controller.signal,
      onConnected: setConnected,
      onFailed: setFailure,
      onEvent: ({ event, data }) => {
        const message = { event, data } as LogEvent
        if (message.event === 'lines') buffer.append(message.data.lines)
        if (message.event === 'gap') setGaps((known) => [...known, message.data])
        if (message.event === 'end') setEnded(true)
      },
    })
    return () => controller.abort()
  }, [buffer, namespace, name])

  return { lines: buffer.lines(), version, gaps, connected, ended, failure }
}

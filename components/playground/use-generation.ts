'use client'
import { useEffect, useRef, useState } from 'react'
import { followEvents } from '#components/data/follow-events.ts'
import { pathOf } from '#components/data/queries.ts'
import type { AppError } from '#server/domain/errors.ts'
import type { TokenEvent } from '#server/domain/stream-events.ts'
import { type Answer, emptyAnswer, reduceTokens } from '#server/domain/token-stream.ts'

export type FollowedGeneration = {
  answer: Answer
  connected: boolean
  failure?: AppError
}

const paintEveryMs = 80

/**
 * Follows a generation from its first event. The server owns it: leaving this page does not end it, and coming back
 * finds all of it. Tokens are taken in as they come; the first is painted at once, the others at the pace of reading.
 */
export function useGeneration(id: string | undefined): FollowedGeneration {
  const [state, setState] = useState<FollowedGeneration>({ answer: emptyAnswer, connected: false })
  const latest = useRef(emptyAnswer)

  useEffect(() => {
    latest.current = emptyAnswer
    setState({ answer: emptyAnswer, connected: false })
    if (!id) return
    const controller = new AbortController()
    let next: ReturnType<typeof setTimeout> | undefined
    let paintedMs = Number.NEGATIVE_INFINITY
    const paint = () => {
      next = undefined
      paintedMs = performance.now()
      setState((now) => ({ ...now, answer: latest.current }))
    }
    followEvents(pathOf('generations', id, 'events'), {
      events: ['delta', 'usage', 'end'],
      last: ['end'],
      signal: controller.signal,
      onConnected: (connected) => setState((now) => ({ ...now, connected })),
      onFailed: (failure) => setState((now) => ({ ...now, failure })),
      onEvent: ({ event, data, id: seq }) => {
        latest.current = reduceTokens(latest.current, Number(seq), { event, data } as TokenEvent)
        next ??= setTimeout(paint, Math.max(0, paintedMs + paintEveryMs - performance.now()))
      },
    })
    return () => {
      controller.abort()
      clearTimeout(next)
    }
  }, [id])

  return state
}

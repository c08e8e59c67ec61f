'use client'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import type { ListEvent, ListKind } from '#server/processes/web/views/list-events.ts'
import { applyListEvent } from './apply-list-event.ts'
import { followEvents } from './follow-events.ts'
import { listQuery } from './queries.ts'

const kinds: ListKind[] = ['services', 'bindings', 'runs']

const reopenMs = 5_000

const Connected = createContext(true)

/** Whether what is on the screen is live now; false while the stream is cut. */
export function useConnected(): boolean {
  return useContext(Connected)
}

/** One stream per page keeps every list of the cache true: a browser opens at most six connections to one origin. */
export function LiveLists({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [connected, setConnected] = useState(true)
  const [opened, setOpened] = useState(0)

  useEffect(() => {
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    followEvents(`/api/stream?kinds=${kinds.join(',')}`, {
      events: ['snapshot', 'upsert', 'remove'],
      signal: controller.signal,
      onConnected: setConnected,
      onFailed: () => {
        setConnected(false)
        // The server gave this stream up; the page goes on, and another may do.
        timer = setTimeout(
          () => setOpened((times) => times + 1),
          reopenMs + Math.random() * reopenMs,
        )
      },
      onEvent: ({ event, data }) => {
        const change = { event, data } as ListEvent
        client.setQueryData(listQuery(change.data.kind).queryKey, (list) =>
          applyListEvent(list, change),
        )
      },
    })
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [client, opened])

  return <Connected value={connected}>{children}</Connected>
}

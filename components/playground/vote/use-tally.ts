'use client'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type {
  ConversationFeed,
  FollowedGeneration,
} from '#components/playground/conversation/conversation-feed.ts'
import type { Ballot, Tally } from './tally.ts'

/** The vote over these answers, counted anew in a worker whenever one of them has ended. */
export function useTally(
  feed: ConversationFeed,
  ids: readonly string[],
  expected: string,
): Tally | undefined {
  const key = ids.join(',')
  const all = useMemo(() => (key === '' ? [] : key.split(',')), [key])
  const states = useSyncExternalStore(
    useMemo(
      () => (onChange: () => void) => {
        const leave = all.map((id) => feed.subscribe(id, onChange))
        return () => {
          for (const one of leave) one()
        }
      },
      [all, feed],
    ),
    () => all.map((id) => ballotState(feed.get(id))).join(','),
    () => '',
  )
  const worker = useRef<Worker>(undefined)
  const [tally, setTally] = useState<Tally>()
  useEffect(
    () => () => {
      worker.current?.terminate()
      worker.current = undefined
    },
    [],
  )
  useEffect(() => {
    if (states === '') return
    worker.current ??= new Worker(new URL('./tally-worker.ts', import.meta.url), { type: 'module' })
    worker.current.onmessage = ({ data }: MessageEvent<Tally>) => setTally(data)
    worker.current.postMessage({ ballots: all.map((id) => ballotOf(id, feed.get(id))), expected })
  }, [all, feed, states, expected])
  return tally
}

export function ballotState({ answer, failure }: FollowedGeneration): Ballot['state'] {
  if (failure) return 'void'
  if (!answer.end) return 'growing'
  if (answer.end.state !== 'done') return 'void'
  return answer.end.finishReason === 'length' ? 'cut-off' : 'ended'
}

function ballotOf(id: string, followed: FollowedGeneration): Ballot {
  const state = ballotState(followed)
  return { id, state, content: state === 'growing' ? '' : followed.answer.content }
}

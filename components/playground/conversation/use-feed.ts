'use client'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import {
  type ConversationFeed,
  createConversationFeed,
  type FollowedGeneration,
} from './conversation-feed.ts'

/** Follows these answers of a conversation for as long as the component stands. */
export function useFeed(conversation: string, ids: string[]): ConversationFeed {
  const feed = useMemo(() => createConversationFeed(conversation), [conversation])
  const wanted = ids.join(',')
  useEffect(() => {
    feed.follow(wanted === '' ? [] : wanted.split(','))
  }, [feed, wanted])
  useEffect(() => () => feed.close(), [feed])
  return feed
}

export function useFollowed(feed: ConversationFeed, id: string): FollowedGeneration {
  return useSyncExternalStore(
    useCallback((onChange) => feed.subscribe(id, onChange), [feed, id]),
    () => feed.get(id),
    () => feed.get(id),
  )
}

/** Whether any of these is still being written; tells only when that changes. */
export function useGrowing(feed: ConversationFeed, ids: string[]): boolean {
  const all = ids.join(',')
  const growing = () =>
    all !== '' &&
    all.split(',').some((id) => {
      const { answer, failure } = feed.get(id)
      return !answer.end && !failure
    })
  return useSyncExternalStore(
    useCallback(
      (onChange) => {
        const leave = all.split(',').map((id) => feed.subscribe(id, onChange))
        return () => {
          for (const one of leave) one()
        }
      },
      [feed, all],
    ),
    growing,
    growing,
  )
}

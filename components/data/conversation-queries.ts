import { queryOptions } from '@tanstack/react-query'
import type {
  ConversationSummary,
  ConversationView,
} from '#server/playground/views/conversation-views.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

/** Every list of conversations, whatever was searched for. */
export const conversationsKey = ['conversations']

export function conversationsQuery(search: string, limit: number) {
  const query = new URLSearchParams({ limit: String(limit), ...(search ? { search } : {}) })
  return queryOptions({
    queryKey: [...conversationsKey, search, limit],
    queryFn: ({ signal }) =>
      request<ConversationSummary[]>('GET', `/api/conversations?${query}`, undefined, signal),
  })
}

export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: ['conversation', id],
    queryFn: ({ signal }) =>
      request<ConversationView>('GET', pathOf('conversations', id), undefined, signal),
  })
}

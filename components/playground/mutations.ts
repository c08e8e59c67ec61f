import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type {
  AskedView,
  AskRequest,
  ContinueRequest,
  Seen,
} from '#server/domain/playground/conversation-views.ts'

export function askModel() {
  return mutationOptions({
    mutationFn: (body: AskRequest) => request<AskedView>('POST', '/api/generations', body),
  })
}

export function continueGeneration(id: string) {
  return mutationOptions({
    mutationFn: (body: ContinueRequest) =>
      request<AskedView>('POST', pathOf('generations', id, 'continue'), body),
  })
}

export function finishThinking(id: string) {
  return mutationOptions({
    mutationFn: (seen: Seen) =>
      request<AskedView>('POST', pathOf('generations', id, 'finish'), seen),
  })
}

export function stopGeneration(id: string) {
  return mutationOptions({
    mutationFn: () => request<unknown>('POST', pathOf('generations', id, 'stop'), {}),
  })
}

export function renameConversation(id: string) {
  return mutationOptions({
    mutationFn: (title: string) =>
      request<unknown>('PATCH', pathOf('conversations', id), { title }),
  })
}

export function deleteConversation(id: string) {
  return mutationOptions({
    mutationFn: () => request<unknown>('DELETE', pathOf('conversations', id)),
  })
}

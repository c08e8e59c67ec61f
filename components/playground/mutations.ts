import { mutationOptions } from '@tanstack/react-query'
import { fetchFile } from '#components/data/fetch-file.ts'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import type {
  AskedView,
  AskRequest,
  ContinueRequest,
  ExportFormat,
  Seen,
} from '#server/playground/views/conversation-views.ts'

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

/** Keeps a file of the conversation, once all of it is there. */
export function saveExport(conversation: string, answer: string | undefined) {
  return mutationOptions({
    mutationFn: async (format: ExportFormat) => {
      const { name, content } = await fetchFile(exportPath(conversation, answer, format))
      const link = document.createElement('a')
      link.href = URL.createObjectURL(content)
      link.download = name
      link.click()
      // By then the browser has taken it over.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    },
  })
}

export function exportPath(conversation: string, answer: string | undefined, format: ExportFormat) {
  const query = new URLSearchParams({ format, ...(answer ? { answer } : {}) })
  return `${pathOf('conversations', conversation, 'export')}?${query}`
}

export function printConversation() {
  return mutationOptions({
    mutationFn: async () => (await import('./typeset/print-page.ts')).printPage(),
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

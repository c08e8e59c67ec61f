import { generations } from '#server/platform/postgres/schema.ts'
import type { StoredGeneration } from './stored-conversation.ts'

/** What is read of a generation wherever its text is not needed. */
export const generationColumns = {
  id: generations.id,
  owner: generations.owner,
  conversation: generations.conversationId,
  question: generations.questionId,
  continues: generations.continues,
  state: generations.state,
  request: generations.request,
  createdAt: generations.createdAt,
  holder: generations.holder,
  heartbeatAt: generations.heartbeatAt,
}

type Row = Omit<StoredGeneration, 'continues'> & { continues: string | null }

export function storedGeneration({ continues, ...row }: Row): StoredGeneration {
  return continues === null ? row : { ...row, continues }
}

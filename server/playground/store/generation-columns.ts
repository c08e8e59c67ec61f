import type { StoredGeneration } from './stored-conversation.ts'

/** What is read of a generation wherever its text is not needed. */
export const generationColumns = `
  id, owner, conversation_id as conversation, question_id as question, continues, state, request,
  created_at as "createdAt", holder, heartbeat_at as "heartbeatAt"`

export type GenerationRow = Omit<StoredGeneration, 'continues'> & { continues: string | null }

export function storedGeneration({ continues, ...row }: GenerationRow): StoredGeneration {
  return continues === null ? row : { ...row, continues }
}

import type { Sampling } from '#server/serving/model/model-service.ts'

export type Hint = 'emptyRole' | 'cjk' | 'greedy' | 'smallTalk'

const cjk = /[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]/
const smallTalk =
  /^\s*(hi|hello|hey|thanks?|thank you|how are you|good (morning|evening)|who are you|tell me a joke|你好|您好|嗨|谢谢)\b|^\s*(你好|您好|嗨|谢谢)/i

/** What this model is known to answer badly to, said before it is asked. Advice, never a refusal. */
export function hintsFor(ask: {
  systemPrompt: string
  prompt: string
  sampling: Pick<Sampling, 'temperature'>
  /** A preset that sends no system prompt on purpose. */
  noRoleOnPurpose: boolean
}): Hint[] {
  const hints: Hint[] = []
  if (ask.systemPrompt.trim() === '' && !ask.noRoleOnPurpose) hints.push('emptyRole')
  if (cjk.test(ask.prompt)) hints.push('cjk')
  if (ask.sampling.temperature === 0) hints.push('greedy')
  if (smallTalk.test(ask.prompt)) hints.push('smallTalk')
  return hints
}

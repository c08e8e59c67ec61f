import { randomUUID } from 'node:crypto'
import type { Usage } from '#server/lab/demo-engine/engine.ts'
import type { Generation } from '#server/lab/demo-engine/requests.ts'
import type { FinishReason } from '#server/lab/demo-engine/script.ts'
import type { Piece } from '#server/lab/demo-engine/stop-filter.ts'

/** Where reasoning goes: raw between `<think>` tags in the content, or to a field of its own. */
export type ReasoningField = 'content' | 'reasoning' | 'reasoning_content'

export type Ending = { finish: FinishReason; stopReason: string | undefined }

/** How one of the two routes writes the same generation down. */
export type AnswerShape = {
  /** Sent for every choice before its first token, where the route does so. */
  opening(index: number): object | undefined
  /** One choice of a chunk; undefined where there is nothing to show. */
  delta(index: number, pieces: Piece[], ending: Ending | undefined): object | undefined
  chunk(choices: object[], usage: Usage | undefined): object
  /** The whole answer: the pieces and the end of each choice. */
  whole(choices: { pieces: Piece[]; ending: Ending }[], usage: Usage): object
}

function textOf(pieces: Piece[]): string {
  return pieces.map((piece) => piece.text).join('')
}

function endOf(ending: Ending | undefined) {
  return {
    logprobs: null,
    finish_reason: ending?.finish ?? null,
    ...(ending ? { stop_reason: ending.stopReason ?? null } : {}),
  }
}

export function chatShape(model: string, field: ReasoningField): AnswerShape {
  const id = `chatcmpl-${randomUUID().replaceAll('-', '')}`
  const created = Math.floor(Date.now() / 1000)
  const fieldsOf = (pieces: Piece[]) => {
    if (field === 'content') return { content: textOf(pieces) }
    const reasoning = textOf(pieces.filter(({ channel }) => channel === 'reasoning'))
    const content = textOf(pieces.filter(({ channel }) => channel === 'content'))
    return { ...(reasoning ? { [field]: reasoning } : {}), ...(content ? { content } : {}) }
  }
  return {
    opening: (index) => ({
      index,
      delta: { role: 'assistant', content: '' },
      logprobs: null,
      finish_reason: null,
    }),
    delta(index, pieces, ending) {
      const fields = fieldsOf(pieces)
      if (!ending && Object.values(fields).every((text) => text === '')) return undefined
      return { index, delta: fields, ...endOf(ending) }
    },
    chunk: (choices, usage) => ({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      choices,
      ...(usage ? { usage } : {}),
    }),
    whole: (choices, usage) => ({
      id,
      object: 'chat.completion',
      created,
      model,
      choices: choices.map(({ pieces, ending }, index) => {
        // Cut off while thinking there is no content at all, not an empty one.
        const message = { role: 'assistant', content: null, ...fieldsOf(pieces) }
        return { index, message, ...endOf(ending) }
      }),
      usage,
    }),
  }
}

export function completionShape(model: string, request: Generation): AnswerShape {
  const id = `cmpl-${randomUUID().replaceAll('-', '')}`
  const created = Math.floor(Date.now() / 1000)
  const base = { id, object: 'text_completion', created, model }
  const echoOf = (index: number) =>
    request.echo ? (request.prompts[Math.floor(index / request.n)]?.[0]?.text ?? '') : ''
  return {
    opening: (index) =>
      request.echo ? { index, text: echoOf(index), ...endOf(undefined) } : undefined,
    delta(index, pieces, ending) {
      const text = textOf(pieces)
      return text === '' && !ending ? undefined : { index, text, ...endOf(ending) }
    },
    chunk: (choices, usage) => ({ ...base, choices, ...(usage ? { usage } : {}) }),
    whole: (choices, usage) => ({
      ...base,
      choices: choices.map(({ pieces, ending }, index) => ({
        index,
        text: echoOf(index) + textOf(pieces),
        ...endOf(ending),
      })),
      usage,
    }),
  }
}

import type { TokenDelta } from './generation-usage.ts'

/** What an engine sends in one chunk: reasoning in a field of its own, or raw tags inside the content. */
export type RawDelta = { reasoning?: string; content?: string }

export type ThinkSplitter = {
  /** What can be shown now; undefined where everything had to be held back for the next chunk. */
  push(delta: RawDelta): TokenDelta | undefined
  /** What was still held back when the answer ended. */
  finish(): TokenDelta | undefined
}

const openTag = '<think>'
const closeTag = '</think>'

/**
 * Takes reasoning and answer apart, whichever way the engine marks them: fields of their own, `<think>…</think>` in the
 * content with tags cut anywhere, only the closing tag (the template wrote the opening one), or one never closed.
 * A tag counts only before the answer begins; an answer that talks about tags stays as it is. `from` is where the text
 * stands that the engine goes on with.
 */
export function createThinkSplitter(
  from: 'start' | 'thinking' | 'answer' = 'start',
): ThinkSplitter {
  let mode: 'start' | 'begun' | 'thinking' | 'open' | 'answer' = from === 'answer' ? 'begun' : from
  let held = ''
  let skipSpace = false
  let out: TokenDelta = {}

  function emit(kind: 'reasoning' | 'content', text: string) {
    const kept = skipSpace ? text.trimStart() : text
    if (kept === '') return
    skipSpace = false
    out[kind] = (out[kind] ?? '') + kept
  }

  function enter(next: 'thinking' | 'answer', rest: string) {
    mode = next
    held = rest
    skipSpace = true
  }

  function step(): boolean {
    if (mode === 'answer') {
      emit('content', held)
      held = ''
      return false
    }
    if (mode === 'start' || mode === 'begun') {
      const text = held.trimStart()
      if (text.startsWith(openTag)) {
        enter('thinking', text.slice(openTag.length))
        return true
      }
      if (openTag.startsWith(text)) return false
      // An engine that cannot go on with an answer thinks anew, which shows at its first word.
      mode = mode === 'begun' ? 'answer' : 'open'
      if (mode === 'answer') return true
    }
    const end = held.indexOf(closeTag)
    if (end < 0) {
      const keep = partialTag(held)
      emit(mode === 'thinking' ? 'reasoning' : 'content', held.slice(0, held.length - keep))
      held = held.slice(held.length - keep)
      return false
    }
    if (mode === 'open') {
      out = { moved: true, reasoning: (out.content ?? '') + held.slice(0, end) }
    } else {
      emit('reasoning', held.slice(0, end))
    }
    enter('answer', held.slice(end + closeTag.length))
    return true
  }

  function take(): TokenDelta | undefined {
    const taken = out
    out = {}
    return taken.moved || taken.reasoning || taken.content ? taken : undefined
  }

  return {
    push({ reasoning, content }) {
      if (reasoning) {
        // The engine takes them apart itself: from here on its content is the answer, tags and all.
        if (mode !== 'answer') enter('answer', '')
        out.reasoning = reasoning
      }
      if (content) {
        held += content
        while (step()) {}
      }
      return take()
    },
    finish() {
      const rest = held
      held = ''
      emit(mode === 'thinking' ? 'reasoning' : 'content', rest)
      return take()
    },
  }
}

/** How much of the end of `text` could be the beginning of a closing tag. */
function partialTag(text: string): number {
  const start = text.lastIndexOf('<')
  if (start < 0) return 0
  return closeTag.startsWith(text.slice(start)) ? text.length - start : 0
}

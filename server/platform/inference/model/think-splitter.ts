import type { TokenDelta } from './generation-usage.ts'
import { anyCloseTag, opensAsTag, openTagAt, partialCloseTag } from './think-tags.ts'

/** What an engine sends in one chunk: reasoning in a field of its own, or raw tags inside the content. */
export type RawDelta = { reasoning?: string; content?: string }

export type ThinkSplitter = {
  /** What can be shown now; undefined where everything had to be held back for the next chunk. */
  push(delta: RawDelta): TokenDelta | undefined
  /** What was still held back when the answer ended. */
  finish(): TokenDelta | undefined
}

/** Of a line, so much decides whether it opens or closes a fence. */
const lineCharsMax = 200
const fenceLine = /^ {0,3}(`{3,}|~{3,})/

/**
 * Takes reasoning and answer apart, whichever way the engine marks them: fields of their own, tags in the content (see
 * think-tags.ts) cut anywhere, only the closing one (the template wrote the opening one), one never closed, or a second
 * block at the beginning of a line. A tag in a code span or in a fence of the answer is text, and so are all tags of an
 * engine that has fields. `from` is where the text stands that the engine goes on with.
 */
export function createThinkSplitter(
  from: 'start' | 'thinking' | 'answer' = 'start',
): ThinkSplitter {
  type Mode = 'start' | 'begun' | 'thinking' | 'open' | 'answer' | 'separate'
  let mode: Mode = from === 'answer' ? 'begun' : from
  let held = ''
  let isOver = false
  let skipSpace = false
  let gap = ''
  let out: TokenDelta = {}
  /** The line that is being written, and the fence that it stands in. */
  let line = ''
  let fence: string | undefined
  /** Runs of backticks in the line so far. */
  let ticks = 0
  let lastSign = ''

  function readLines(text: string) {
    const lines = text.split('\n')
    for (const [at, more] of lines.entries()) {
      line = (line + more).slice(0, lineCharsMax)
      ticks += (more.match(/`+/g)?.length ?? 0) - (lastSign === '`' && more[0] === '`' ? 1 : 0)
      lastSign = more.at(-1) ?? lastSign
      if (at === lines.length - 1) break
      const [, marker] = fenceLine.exec(line) ?? []
      if (fence === undefined) fence = marker
      else if (marker?.startsWith(fence) && line.trim() === marker) fence = undefined
      beginLine()
    }
  }

  function beginLine() {
    line = ''
    ticks = 0
    lastSign = ''
  }

  function emit(kind: 'reasoning' | 'content', text: string) {
    readLines(text)
    const kept = skipSpace ? text.trimStart() : text
    if (kept === '') return
    skipSpace = false
    out[kind] = (out[kind] ?? '') + gap + kept
    gap = ''
  }

  function pass(length: number) {
    emit(mode === 'thinking' ? 'reasoning' : 'content', held.slice(0, length))
    held = held.slice(length)
  }

  function enter(next: Mode, rest: string) {
    mode = next
    held = rest
    skipSpace = true
    beginLine()
    fence = undefined
  }

  /** Each step answers whether there may be more to do with what is held. */
  function step(): boolean {
    if (mode === 'separate') {
      pass(held.length)
      return false
    }
    if (mode === 'start' || mode === 'begun') return begin()
    return mode === 'answer' ? goOnAnswering() : goOnThinking()
  }

  function begin(): boolean {
    const text = held.trimStart()
    const tag = openTagAt(text)
    if (tag > 0) {
      enter('thinking', text.slice(tag))
      return true
    }
    if (!isOver && opensAsTag(text)) return false
    // An engine that cannot go on with an answer thinks again, which shows at its first word.
    mode = mode === 'begun' ? 'answer' : 'open'
    return true
  }

  function goOnThinking(): boolean {
    const tag = anyCloseTag(held)
    if (!tag) {
      pass(held.length - (isOver ? 0 : partialCloseTag(held)))
      return false
    }
    const { at, end } = tag
    if (at > 0) {
      if (mode === 'thinking') pass(at)
      else {
        readLines(held.slice(0, at))
        out.content = (out.content ?? '') + held.slice(0, at)
        held = held.slice(at)
      }
      return true
    }
    const isCode = mode === 'open' && fence !== undefined ? true : isInCodeSpan(held.slice(end))
    if (isCode === undefined) return false
    if (isCode) {
      pass(end)
      return held !== ''
    }
    if (mode === 'open') out = { moved: true, reasoning: out.content ?? '' }
    if (out.reasoning === '') delete out.reasoning
    enter('answer', held.slice(end))
    return true
  }

  /** Undefined while what comes behind the tag has to say it. */
  function isInCodeSpan(behind: string): boolean | undefined {
    if (ticks % 2 === 0) return false
    const [next] = /[`\n]/.exec(behind) ?? []
    if (next === undefined) return isOver ? false : undefined
    return next === '`'
  }

  function goOnAnswering(): boolean {
    if (held === '') return false
    if (fence === undefined && line.trim() === '') {
      const text = held.replace(/^[ \t]+/, '')
      const tag = openTagAt(text)
      if (tag > 0) {
        gap = '\n\n'
        enter('thinking', text.slice(tag))
        return true
      }
      if (!isOver && !text.includes('\n') && opensAsTag(text)) return false
    }
    const end = held.indexOf('\n')
    pass(end < 0 ? held.length : end + 1)
    return held !== ''
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
        if (mode !== 'separate') enter('separate', '')
        out.reasoning = (out.reasoning ?? '') + reasoning
      }
      if (content) {
        held += content
        while (step()) {}
      }
      return take()
    },
    finish() {
      isOver = true
      while (step()) {}
      return take()
    },
  }
}

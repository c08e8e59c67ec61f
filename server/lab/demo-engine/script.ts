import { benchTokens } from './narrate/long-answers.ts'
import type { Answer } from './narrate/narrate.ts'
import { resumeAt } from './resume-at.ts'
import type { Channel, Piece } from './stop-filter.ts'
import { tokenize, tokensOf } from './tokenize.ts'

export type Fault = { kind: 'break' | 'error' | 'stall'; afterTokens: number }

export type FinishReason = 'stop' | 'length'

/** What one choice says, token by token and made as it is read; it returns why it ended. */
export type Script = Generator<Piece, FinishReason, void>

export type Directive =
  | { kind: 'bench'; tokens: number | undefined }
  | { kind: 'loop' }
  | { kind: 'say'; words: string }
  | { kind: 'fault'; fault: Fault }

/**
 * `#bench:40960`, and for tests of what is around the engine `#break:20`, `#error:20`, `#stall:20`, `#loop`, and `#say`
 * with the answer that is wanted.
 */
export function parseDirective(message: string, faults: boolean): Directive | undefined {
  const [, kind, count] =
    /^\s*#(bench|break|error|stall|loop|say)\b(?::(\d{1,7}))?/.exec(message) ?? []
  if (kind === 'bench') return { kind, tokens: count ? Number(count) : undefined }
  if (!faults || !kind) return undefined
  if (kind === 'loop') return { kind }
  if (kind === 'say') return { kind, words: message.replace(/^\s*#say\s*/, '') }
  if (kind === 'break' || kind === 'error' || kind === 'stall')
    return { kind: 'fault', fault: { kind, afterTokens: Number(count ?? 1) } }
  return undefined
}

type Limits = {
  tokensMax: number
  thinkingTokensMax: number | undefined
  ignoreEnd: boolean
  /** What was said already, and is not said again. */
  begun?: string
}

/** An answer as it is generated: `<think>`, thoughts, `</think>`, and what is handed over. */
export function scriptOf(answer: Answer, limits: Limits): Script {
  return limited(piecesOf(answer, limits), limits)
}

function* piecesOf(answer: Answer, { thinkingTokensMax, begun }: Limits): Generator<Piece> {
  const thinking =
    thinkingTokensMax === undefined
      ? answer.thinking
      : tokenize(answer.thinking).slice(0, thinkingTokensMax).join('')
  const opening = '<think>'
  const closing = '</think>'
  // Tokens are cut from the whole text, so that counting the text again gives the same number.
  const before = `${opening}\n${thinking.trimEnd()}\n`
  const contentStart = before.length + closing.length
  const whole = `${before}${closing}\n\n${answer.content}`
  let position = resumeAt(whole, begun ?? '')
  for (const text of tokensOf(whole.slice(position))) {
    yield { channel: channelAt(position, opening.length, before.length, contentStart), text }
    position += text.length
  }
}

/** What it was told to say, line by line. */
export function saidScript(words: string, limits: Limits): Script {
  const lines = words.match(/.*\n|.+$/g) ?? []
  return limited(
    lines.map((text) => ({ channel: 'content', text }) as const),
    limits,
  )
}

function channelAt(at: number, opened: number, thinkingEnd: number, contentStart: number): Channel {
  if (at < opened) return 'tag'
  if (at < thinkingEnd) return 'reasoning'
  return at < contentStart ? 'tag' : 'content'
}

/** Ends where the tokens run out; with `ignoreEnd` the end of the answer is not one. */
function* limited(pieces: Iterable<Piece>, { tokensMax, ignoreEnd }: Limits): Script {
  let count = 0
  for (const piece of pieces) {
    if (count === tokensMax) return 'length'
    count += 1
    yield piece
  }
  if (!ignoreEnd) return 'stop'
  for (const text of ['\n\n', ...benchTokens(tokensMax - count)].slice(0, tokensMax - count))
    yield { channel: 'content', text }
  return 'length'
}

/** Formulas only, exactly as many tokens as asked for or allowed. */
export function* benchScript(tokens: number | undefined, tokensMax: number, begun = ''): Script {
  let said = 0
  let count = 0
  for (const text of benchTokens(tokens ?? Number.POSITIVE_INFINITY)) {
    const skipped = said < begun.length
    said += text.length
    if (skipped) continue
    if (count === tokensMax) return 'length'
    count += 1
    yield { channel: 'content', text }
  }
  return count === tokensMax ? 'length' : 'stop'
}

/** The known fault of small reasoning models: a thought that repeats until the tokens run out. */
export function loopScript(tokensMax: number, begun: string | undefined): Script {
  const limits = { tokensMax, thinkingTokensMax: undefined, ignoreEnd: false }
  if (!begun?.includes('</think>')) return limited(endlessThought(), limits)
  return limited(
    [...tokensOf('It holds: $$\\boxed{2}$$')].map((text) => ({ channel: 'content', text })),
    limits,
  )
}

function* endlessThought(): Generator<Piece> {
  for (const text of tokensOf('<think>')) yield { channel: 'tag', text }
  for (;;) {
    for (const text of tokensOf('\n\nWait, let me verify that again. $1 + 1 = 2$, so it holds.'))
      yield { channel: 'reasoning', text }
  }
}

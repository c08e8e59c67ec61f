import type { OutputPiece } from '#server/playground/model/code-box-messages.ts'

type Stream = OutputPiece['stream']
type End = { isError: boolean; exitCode?: number; hint?: string; name?: string }

/** Taken before any program runs, which may put something else in its place. */
const post = postMessage.bind(globalThis) as (message: unknown) => void
const now = performance.now.bind(performance)

/**
 * The first lines go at once, and so does whatever comes slowly. What is written faster goes together, so that of a
 * flood at most these milliseconds are not said when its program hangs.
 */
const atOnceMax = 200
const togetherMs = 3
const charsMax = 32 * 1024

let left = atOnceMax
let sentMs = now()
let waiting: { stream: Stream; text: string } | undefined

export function sayReady(): void {
  post(['ready'])
}

export function write(stream: Stream, text: string): void {
  if (waiting && waiting.stream !== stream) flush()
  waiting = { stream, text: (waiting?.text ?? '') + text }
  const isLate = now() - sentMs >= togetherMs
  if (left > 0 || isLate || waiting.text.length >= charsMax) flush()
}

/** The last word: the box ends the worker when it hears it. */
export function sayEnd(end: End): void {
  flush()
  post(['end', end])
}

function flush(): void {
  if (!waiting) return
  const { stream, text } = waiting
  waiting = undefined
  left -= 1
  sentMs = now()
  for (let at = 0; at < text.length; at += charsMax) {
    post([stream, text.slice(at, at + charsMax)])
  }
}

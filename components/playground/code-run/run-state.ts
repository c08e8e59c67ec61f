import { codeBounds } from '#server/playground/model/code-bounds.ts'
import type {
  BoxMessage,
  CodeHint,
  OutputPiece,
} from '#server/playground/model/code-box-messages.ts'

export type RunEnding =
  | (BoxMessage & { type: 'ended' })['how']
  | 'timeout'
  /** Python could not be fetched. */
  | 'not-loaded'

export type RunEnd = { how: RunEnding; ms?: number; exitCode?: number; hint?: CodeHint }

/** `at` is how many characters stand before it. */
export type ShownPiece = OutputPiece & { at: number }

/** Whole lines that are laid out together; all but the last of them never change again. */
export type OutputBlock = { at: number; pieces: readonly ShownPiece[] }

export type RunState = {
  phase: 'loading' | 'running' | 'ended'
  output: readonly OutputBlock[]
  chars: number
  end?: RunEnd
}

export const loadingRun: RunState = { phase: 'loading', output: [], chars: 0 }

const blockCharsMax = 4000

/**
 * The run after what the box told of it. An ended run hears nothing any more, and no output goes past its bound. `asked`
 * is why the box was asked to stop it.
 */
export function afterMessage(
  run: RunState,
  message: BoxMessage,
  asked?: 'stopped' | 'timeout',
): RunState {
  if (run.phase === 'ended') return run
  if (message.type === 'started') return { ...run, phase: 'running' }
  if (message.type === 'output') return message.pieces.reduce(withPiece, run)
  if (message.type === 'ended') {
    const { how, ms, exitCode, hint } = message
    return endedRun(run, { how: how === 'stopped' && asked ? asked : how, ms, exitCode, hint })
  }
  return run
}

export function endedRun(run: RunState, end: RunEnd): RunState {
  return run.phase === 'ended' ? run : { ...run, phase: 'ended', end }
}

export function outputText(run: RunState): string {
  return run.output.flatMap(({ pieces }) => pieces.map(({ text }) => text)).join('')
}

function withPiece(run: RunState, { stream, text }: OutputPiece): RunState {
  const kept = text.slice(0, codeBounds.outputCharsMax - run.chars)
  if (kept === '') return run
  const open = run.output.at(-1)
  const isFull = open && run.chars - open.at >= blockCharsMax && endsLine(open)
  const block = open && !isFull ? open : { at: run.chars, pieces: [] }
  const before = block === open ? run.output.slice(0, -1) : run.output
  const grown = withText(block, { stream, text: kept, at: run.chars })
  return { ...run, chars: run.chars + kept.length, output: [...before, ...cutBlock(grown)] }
}

function withText({ at, pieces }: OutputBlock, added: ShownPiece): OutputBlock {
  const last = pieces.at(-1)
  if (last?.stream !== added.stream) return { at, pieces: [...pieces, added] }
  return { at, pieces: [...pieces.slice(0, -1), { ...last, text: last.text + added.text }] }
}

/** What came at once may be long: its last piece is cut behind ends of lines. */
function cutBlock({ at, pieces }: OutputBlock): OutputBlock[] {
  const last = pieces.at(-1)
  if (!last || last.at + last.text.length - at < 2 * blockCharsMax) return [{ at, pieces }]
  const cut = last.text.indexOf('\n', Math.max(0, at + blockCharsMax - last.at)) + 1
  if (cut === 0 || cut === last.text.length) return [{ at, pieces }]
  const rest = { ...last, text: last.text.slice(cut), at: last.at + cut }
  return [
    { at, pieces: [...pieces.slice(0, -1), { ...last, text: last.text.slice(0, cut) }] },
    ...cutBlock({ at: rest.at, pieces: [rest] }),
  ]
}

function endsLine({ pieces }: OutputBlock): boolean {
  return pieces.at(-1)?.text.endsWith('\n') ?? false
}

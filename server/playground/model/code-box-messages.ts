import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { codeBounds } from './code-bounds.ts'

const piece = z.object({
  stream: z.enum(['out', 'err']),
  text: z.string().max(codeBounds.outputCharsMax),
})

/** What keeps a program from running here though nothing is wrong with it; `name` is the module that is not there. */
const hint = z.object({
  key: z.enum(['module', 'threads', 'input', 'memory', 'depth']),
  name: z.string().max(200).optional(),
})

/** What the box tells the page. The page believes none of it: a run may have taken the box over. */
export const boxMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), version: z.string().regex(/^[0-9a-f]{16}$/) }),
  z.object({ type: z.literal('started'), id: z.number() }),
  z.object({
    type: z.literal('output'),
    id: z.number(),
    pieces: z.array(piece).max(codeBounds.outputPiecesMax),
  }),
  z.object({
    type: z.literal('ended'),
    id: z.number(),
    how: z.enum(['done', 'error', 'stopped', 'too-much', 'broken']),
    ms: z.number().nonnegative(),
    exitCode: z.number().int().optional(),
    hint: hint.optional(),
  }),
])

export type BoxMessage = z.infer<typeof boxMessage>
export type OutputPiece = z.infer<typeof piece>
export type CodeHint = z.infer<typeof hint>

/** What the page tells the box. */
export type PageMessage =
  /** Once, before the first run of Python: its interpreter. */
  | { type: 'python'; worker: ArrayBuffer; wasm: ArrayBuffer; library: ArrayBuffer }
  | { type: 'run'; id: number; language: 'python' | 'javascript'; code: string; input: string }
  | { type: 'stop'; id: number }
  /** The page has shown what came, and takes more. */
  | { type: 'more'; id: number }

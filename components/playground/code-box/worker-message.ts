import type { BoxMessage, OutputPiece } from '#server/playground/model/code-box-messages.ts'

export type RunEnd = Omit<BoxMessage & { type: 'ended' }, 'type' | 'id' | 'ms'>

const hintKeys = ['module', 'threads', 'input', 'memory', 'depth'] as const

/**
 * What a run's worker said: that it is ready for a program, what the program wrote, how it ended. Undefined for
 * whatever else a program may have sent in its worker's name.
 */
export function parseWorkerMessage(data: unknown): 'ready' | OutputPiece | RunEnd | undefined {
  if (!Array.isArray(data)) return undefined
  const [what, value]: unknown[] = data
  if (what === 'ready') return 'ready'
  if ((what === 'out' || what === 'err') && typeof value === 'string') {
    return { stream: what, text: value }
  }
  return what === 'end' && typeof value === 'object' && value ? endOf(value) : undefined
}

function endOf(value: object): RunEnd {
  const { exitCode, hint, name } = value as Record<string, unknown>
  const how = 'isError' in value && value.isError ? 'error' : 'done'
  const key = hintKeys.find((one) => one === hint)
  return {
    how,
    ...(Number.isSafeInteger(exitCode) ? { exitCode: Number(exitCode) } : {}),
    ...(key
      ? { hint: { key, ...(typeof name === 'string' ? { name: name.slice(0, 100) } : {}) } }
      : {}),
  }
}

import { sseFrame } from '#server/platform/http/sse.ts'
import type { IdentifiedLogEvent } from '#server/runs/log/follow/log-events.ts'

const framesKept = new WeakMap<object, Uint8Array>()

/** An event of a log as it crosses the wire; the same bytes for all who are told the same rows, however many wait for them. */
export function logFrame({ event, id, data }: IdentifiedLogEvent): Uint8Array {
  const kept = framesKept.get(data)
  if (kept) return kept
  const frame = sseFrame({ event, id, data })
  framesKept.set(data, frame)
  return frame
}

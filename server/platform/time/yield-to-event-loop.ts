import { setImmediate } from 'node:timers/promises'

/** Passes long work on in slices; after each, everybody else who shares the thread has a turn. */
export async function* yieldBetween(
  pieces: Iterable<string>,
  sliceMs = 10,
): AsyncGenerator<string> {
  let slice = ''
  let startedMs = performance.now()
  for (const piece of pieces) {
    slice += piece
    if (performance.now() - startedMs < sliceMs) continue
    if (slice) yield slice
    slice = ''
    await setImmediate()
    startedMs = performance.now()
  }
  if (slice) yield slice
}

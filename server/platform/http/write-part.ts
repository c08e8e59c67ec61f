import type { ServerResponse } from 'node:http'

/** A reader that takes nothing for so long is gone, though its socket does not say so. */
export const stalledMs = 60_000

/** Resolves when the reader has taken enough to be sent more, or is gone: the source is read as fast and no longer. */
export async function writePart(
  response: ServerResponse,
  part: string,
  goneAfterMs = stalledMs,
): Promise<void> {
  if (response.destroyed || response.write(part)) return
  const stalled = setTimeout(() => response.destroy(), goneAfterMs)
  await new Promise<void>((resolve) => {
    const end = () => {
      response.off('drain', end)
      response.off('close', end)
      resolve()
    }
    response.on('drain', end)
    response.on('close', end)
  })
  clearTimeout(stalled)
}

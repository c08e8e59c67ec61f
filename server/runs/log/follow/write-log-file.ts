import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import { terminalSafe } from '#server/runs/model/terminal-safe.ts'
import { type ReadableLog, rowAfter } from './shared-log-follower.ts'

/** A log as text, page by page: with time and step before each line, or without; safe to print. */
export async function* writeLogFile(
  log: ReadableLog,
  what: { step?: string; format: 'timed' | 'plain' },
  signal: AbortSignal,
): AsyncGenerator<string> {
  // A line break goes before what follows a line, as its pieces have none between them.
  let open = false
  for await (const page of pagesOf(log, signal)) {
    let text = ''
    for (const row of page) {
      if (what.step && row.step !== what.step) continue
      const goesOn = !isGap(row) && row.continues
      if (open && !goesOn) text += '\n'
      if (isGap(row)) {
        text +=
          row.reason === 'pod-replaced'
            ? '(The pod was deleted and replaced: the steps start again.)\n'
            : `(${row.rows === 1 ? 'Lines' : `${row.rows} lines`} of ${row.step} are missing here: ${row.reason})\n`
        open = false
        continue
      }
      if (what.format === 'timed' && !goesOn) text += `${row.at} ${row.step} `
      text += terminalSafe(row.text)
      if (row.cut) text += ` (${row.cut} bytes of this line are missing)`
      open = !row.open
    }
    if (text) yield text
  }
  if (open) yield '\n'
}

/** Everything that there is, from a row on, without waiting for more. */
export async function* pagesOf(
  log: ReadableLog,
  signal: AbortSignal,
  from = 1,
): AsyncGenerator<LogRow[]> {
  let row = from
  while (!signal.aborted) {
    const page = await log.page(row)
    if (page.length === 0) return
    yield page
    row = rowAfter(page, row)
  }
}

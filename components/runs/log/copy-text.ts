import { putOnClipboard } from '#components/ui/put-on-clipboard.ts'
import { indexOfRow } from './line-index.ts'
import type { LineRange } from './log-address.ts'
import type { BufferedLine } from './log-buffer.ts'
import { plainText } from './log-text.ts'
import type { VisibleRows } from './rows/visible-rows.ts'

/** Puts what is shown, or the chosen lines of it, on the clipboard: the text alone, as the program meant it. */
export function copyText(
  lines: readonly BufferedLine[],
  rows: VisibleRows,
  range?: LineRange,
): Promise<void> {
  const from = range ? rows.rowOf(indexOfRow(lines, range.from)) : 0
  const to = range ? rows.rowOf(indexOfRow(lines, range.to + 1)) : rows.count
  let text = ''
  for (let row = from; row < to; row++) {
    const line = lines[rows.indexAt(row)]
    if (!line) continue
    text += `${row > from && !line.continues ? '\n' : ''}${plainText(line.text)}`
  }
  return putOnClipboard(text)
}

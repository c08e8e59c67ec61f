import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import type { LogRow } from '#server/runs/model/log-entry.ts'

const compress = promisify(deflate)
const decompress = promisify(inflate)

/** Rows without their numbers, which follow from the chunk's first; compressed JSON, as any version can read it. */
export async function packRows(rows: readonly LogRow[]): Promise<Buffer> {
  return compress(JSON.stringify(rows.map(({ row: _, ...rest }) => rest)), { level: 6 })
}

export async function unpackRows(data: Buffer, firstRow: number): Promise<LogRow[]> {
  const text = (await decompress(data)).toString('utf8')
  const rows: Omit<LogRow, 'row'>[] = JSON.parse(text)
  let row = firstRow
  return rows.map((rest) => {
    const placed = { ...rest, row } as LogRow
    row += 'rows' in placed ? placed.rows : 1
    return placed
  })
}

export function textBytesOf(rows: readonly LogRow[]): number {
  return rows.reduce((sum, row) => sum + 40 + ('text' in row ? row.text.length : 0), 0)
}

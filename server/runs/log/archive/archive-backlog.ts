import type { LogBatch } from '#server/runs/log/follow/follow-run-steps.ts'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { ArchivePosition } from './run-archive.ts'

/** Rows that were read and wait to be written, and the open chunk that is written again with them. */
export type ArchiveBacklog = {
  push(batch: LogBatch): void
  /** From the beginning of the open chunk to where a batch ended; rows are undefined where nothing is new. */
  chunk(): { rows: LogRow[]; position: ArchivePosition | undefined; isLast: boolean }
  /** That chunk is in the archive now. */
  wrote(): void
  /** The last row that is in the archive. */
  written(): number
  bytes(): number
  /** Whether a line was read, and not only that there are none. */
  hasLines(): boolean
}

type Mark = { row: number; bytes: number; position: ArchivePosition | undefined }

export const chunkBytes = 128 * 1024

export function createArchiveBacklog(after: number): ArchiveBacklog {
  const buffer = createRunLogBuffer(after)
  let marks: Mark[] = []
  let read = 0
  let dropped = 0
  let written = after
  let position: ArchivePosition | undefined
  let hasLines = false

  /** Chunks end where a batch did: only there it is known how to go on. */
  function end(): Mark | undefined {
    return marks.find((mark) => mark.bytes - dropped >= chunkBytes) ?? marks.at(-1)
  }

  return {
    push({ entries, at }) {
      const before = buffer.bytes()
      buffer.push(entries)
      read += buffer.bytes() - before
      hasLines ||= entries.some((entry) => 'text' in entry)
      position = at ?? position
      marks.push({ row: buffer.next() - 1, bytes: read, position })
    },
    chunk() {
      const mark = end()
      const rows = mark ? buffer.read(buffer.first(), mark.row - buffer.first() + 1) : []
      return { rows, position: mark?.position, isLast: mark === marks.at(-1) }
    },
    wrote() {
      const mark = end()
      if (!mark) return
      written = mark.row
      if (mark.bytes - dropped < chunkBytes) {
        // It stays open, and what is in it is known by its last mark alone.
        marks = marks.slice(marks.indexOf(mark))
        return
      }
      buffer.dropBefore(mark.row + 1)
      dropped = mark.bytes
      marks = marks.slice(marks.indexOf(mark) + 1)
    },
    written: () => written,
    bytes: () => buffer.bytes(),
    hasLines: () => hasLines,
  }
}

import type { LogLine } from '#server/runs/views/run.ts'
import type { LogGap } from '#server/runs/views/run-log-views.ts'
import { isJson, type Level, levelOf } from './log-level.ts'
import { inkAfter, plainText } from './log-text.ts'

/** A row of the log with what was recognised in it when it came. */
export type BufferedLine = LogLine & {
  level?: Level
  json?: true
  /** Colours that lines of its step before it left set. */
  ink?: string
  /** `::group::Title` opens a fold, `::endgroup::` closes it. */
  fold?: 'open' | 'close'
  /** The row that opened the fold which this one is in. */
  within?: number
  /** Not a line: from here on it is another pod's log. */
  mark?: true
}

/** The newest rows as they came; what no longer fits is let go at the beginning, a quarter at once. Appending costs what is appended: nothing that is there is touched again. */
export type LogBuffer = {
  append(lines: readonly LogLine[]): void
  /** Marks that another pod's log follows; in its place among the rows, wherever those came first. */
  mark(gap: LogGap): void
  /** The rows before this one stay where they are. */
  beginAt(row: number): void
  clear(): void
  /** Another list once rows were let go. */
  lines(): readonly BufferedLine[]
  /** The last row that was let go, or 0. */
  earlier(): number
  /** How many of the lines that are here have each level. */
  levels(): Readonly<Record<Level, number>>
  /** By step, the first row of its latest attempt that says it is an error. */
  firstErrors(): ReadonlyMap<string, number>
  /** Rows that open a fold. */
  folds(): readonly number[]
  /** Changes whenever the lines do; what React compares. */
  version(): number
  subscribe(listener: () => void): () => void
}

/** `schedule` decides when listeners hear: once per frame in a browser, so that a flood of lines is one render. */
export function createLogBuffer(
  schedule: (notify: () => void) => void,
  rowsMax = pageRowsMax,
): LogBuffer {
  let earlier = 0
  let lines: BufferedLine[] = []
  let levels = noLevels()
  let folds: number[] = []
  let errors = new Map<string, { row: number; attempt: number }>()
  const open = new Map<string, number>()
  const inks = new Map<string, string>()
  let version = 0
  let scheduled = false
  const listeners = new Set<() => void>()

  function changed() {
    if (scheduled) return
    scheduled = true
    schedule(() => {
      scheduled = false
      version++
      for (const listener of listeners) listener()
    })
  }

  function recognised(line: LogLine): BufferedLine {
    const one: BufferedLine = { ...line }
    const before = inks.get(line.step) ?? ''
    if (before !== '') one.ink = before
    const after = inkAfter(before, line.text)
    if (after !== before) inks.set(line.step, after)
    if (line.continues) return one
    const text = headOf(line.text)
    const level = levelOf(text)
    if (level) {
      one.level = level
      levels[level]++
      if (level === 'error') noteError(line)
    }
    if (isJson(text)) one.json = true
    if (text.startsWith('::group::')) {
      one.fold = 'open'
      folds.push(line.row)
      open.set(line.step, line.row)
    } else {
      const within = open.get(line.step)
      if (within !== undefined) one.within = within
      if (text.startsWith('::endgroup::')) {
        one.fold = 'close'
        open.delete(line.step)
      }
    }
    return one
  }

  /** What was let go is counted no more; a fold whose opener is gone stays open. */
  function forget(gone: readonly BufferedLine[]) {
    for (const { level } of gone) if (level) levels[level]--
    folds = folds.filter((row) => row > earlier)
    for (const [step, row] of open) if (row <= earlier) open.delete(step)
  }

  function noteError({ step, row, attempt = 1 }: LogLine) {
    const known = errors.get(step)
    if (!known || known.attempt < attempt) errors.set(step, { row, attempt })
  }

  return {
    append(added) {
      for (const line of added) lines.push(recognised(line))
      if (lines.length > rowsMax) {
        const cut = lines.length - Math.ceil(rowsMax * 0.75)
        earlier = lines[cut - 1]?.row ?? 0
        forget(lines.slice(0, cut))
        lines = lines.slice(cut)
      }
      if (added.length > 0) changed()
    },
    mark({ row, step, attempt }) {
      const at = lines.findLastIndex((line) => line.row < row) + 1
      if (lines[at]?.row === row || (at === 0 && row <= earlier)) return
      const before = lines[at - 1] ?? lines[at]
      lines.splice(at, 0, { row, step, attempt, at: before?.at ?? '', text: '', mark: true })
      changed()
    },
    beginAt(row) {
      earlier = row - 1
      changed()
    },
    clear() {
      lines = []
      earlier = 0
      levels = noLevels()
      folds = []
      errors = new Map()
      open.clear()
      inks.clear()
      changed()
    },
    lines: () => lines,
    earlier: () => earlier,
    levels: () => levels,
    folds: () => folds,
    firstErrors: () => new Map([...errors].map(([step, { row }]) => [step, row])),
    version: () => version,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What a page holds of a log; the rest is asked for. */
const pageRowsMax = 400_000
const headMax = 1000

/** What can say a level or a fold, without looking through a line of a megabyte. */
function headOf(text: string): string {
  return plainText(text.length > headMax ? text.slice(0, headMax) : text)
}

function noLevels(): Record<Level, number> {
  return { error: 0, warn: 0, info: 0, debug: 0 }
}

'use client'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { indexOfRow } from './line-index.ts'
import type { LogAddress } from './log-address.ts'
import type { BufferedLine } from './log-buffer.ts'
import type { LogLinesHandle } from './log-lines.tsx'
import { plainText } from './log-text.ts'
import { nextLine } from './next-line.ts'
import type { VisibleRows } from './rows/visible-rows.ts'
import type { Search } from './search/use-log-search.ts'
import type { WholeSearch } from './search/use-whole-search.ts'
import type { FollowedLog } from './use-run-log.ts'

const spokenMax = 300

/** Going about in a log: to a match, an error, a line; and staying at its end until one does. */
export function useLogMoves({
  log,
  rows,
  filter,
  search,
  whole,
  address,
  change,
  jump,
  jumps,
  openAt,
  handle,
  unfold,
}: {
  log: FollowedLog
  rows: VisibleRows
  filter: unknown
  search: Search
  /** Of a log that is larger than its page, where in all of it there are matches. */
  whole?: WholeSearch
  address: LogAddress
  change: (changes: Partial<LogAddress>) => void
  jump: (row: number) => void
  jumps: number
  openAt?: number
  handle: RefObject<LogLinesHandle | null>
  unfold: (opener: number) => void
}) {
  const { lines } = log
  const [follow, setFollow] = useState(true)
  const [at, setAt] = useState<number>()
  const [spoken, setSpoken] = useState('')
  const [aim, setAim] = useState<{ row: number }>()
  const placed = useRef(0)
  const searched = useRef(address.search)

  function go(line: BufferedLine | undefined, speak = true) {
    if (!line) return
    if (line.within !== undefined) unfold(line.within)
    setFollow(false)
    setAim({ row: line.row })
    if (speak) setSpoken(`${line.row}: ${plainText(line.text).slice(0, spokenMax)}`)
  }

  // After the render in which its fold is open and following has ended.
  useEffect(() => {
    if (aim) handle.current?.scrollTo(rows.rowOf(indexOfRow(lines, aim.row)))
  }, [aim, handle])

  // What one stood at stays in view when other lines come around it.
  useEffect(() => {
    if (!follow && at !== undefined) handle.current?.scrollTo(rows.rowOf(at))
  }, [filter])

  // Once per address, as soon as the line is there: the line of the address, else where the run failed.
  useEffect(() => {
    if (jumps === 0 || placed.current === jumps) return
    const wanted = address.range?.from ?? (jumps === 1 && !address.search.text ? openAt : undefined)
    // What this page does not hold comes as a part of its own.
    const isHere = wanted && wanted > log.earlier && wanted <= (log.part?.to ?? wanted)
    const line = isHere ? lines[indexOfRow(lines, wanted)] : undefined
    if (!line || (log.part && wanted && wanted < log.part.from)) return
    placed.current = jumps
    go(line, false)
    if (address.range) handle.current?.reveal()
  })

  // What is typed is looked for from the first match on; a search that a link brought waits to be gone through.
  const { lines: found } = search
  useEffect(() => {
    if (searched.current === address.search || found.length === 0) return
    searched.current = address.search
    // Of a larger log the server says where the first one is.
    if (whole || (placed.current === jumps && address.range)) return
    setAt(found[0])
    go(lines[found[0] ?? 0])
  }, [found, address.search])

  // Of a log that is larger than its page, to the first match of all of it, once the server has said where that is.
  const wholeFirst = whole && whole.before === 0 ? whole.rows[0] : undefined
  useEffect(() => {
    if (wholeFirst === undefined || searched.current === address.search) return
    searched.current = address.search
    jump(wholeFirst)
  }, [wholeFirst, address.search])

  const stand = address.range?.from ?? log.part?.from ?? log.earlier + 1
  const matchAt = Math.max(0, at === undefined ? 0 : lowerBound(found, at))
  return {
    follow,
    setFollow,
    spoken,
    matchAt: whole
      ? Math.min(whole.before + lowerBound(whole.rows, stand), Math.max(0, whole.count - 1))
      : Math.min(matchAt, Math.max(0, found.length - 1)),
    matchRow: whole
      ? whole.rows.find((row) => row === stand)
      : at !== undefined && found[matchAt] === at
        ? lines[at]?.row
        : undefined,
    match(by: 1 | -1) {
      if (whole) {
        const { rows: all } = whole
        const after = lowerBound(all, by > 0 && all.includes(stand) ? stand + 1 : stand)
        const row = all[(after + (by > 0 ? 0 : -1) + all.length) % all.length]
        if (row) jump(row)
        return
      }
      if (found.length === 0) return
      const from = at === undefined ? (by > 0 ? -1 : 0) : matchAt
      const next = found[(from + by + found.length) % found.length]
      setAt(next)
      go(lines[next ?? 0])
    },
    error(by: 1 | -1) {
      const here = address.range
        ? indexOfRow(lines, address.range.from)
        : by > 0
          ? -1
          : lines.length
      const from = here + by
      const line = nextLine(lines, from, by, (one) => one.level === 'error')
      if (line) change({ range: { from: line.row, to: line.row } })
      go(line)
    },
    line(by: 1 | -1) {
      const row = address.range ? rows.rowOf(indexOfRow(lines, address.range.from)) + by : 0
      const line = lines[rows.indexAt(Math.max(0, Math.min(rows.count - 1, row)))]
      if (line) change({ range: { from: line.row, to: line.row } })
      go(line)
    },
    mark(row: number, extend: boolean) {
      const start = extend && address.range ? address.range.from : row
      change({ range: { from: Math.min(start, row), to: Math.max(start, row) } })
    },
    toRow(row: number) {
      go(lines[rows.indexAt(row)], false)
    },
  }
}

function lowerBound(sorted: readonly number[], wanted: number): number {
  const index = sorted.findIndex((one) => one >= wanted)
  return index < 0 ? sorted.length : index
}

'use client'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { BufferedLine } from '#components/runs/log/log-buffer.ts'
import { type Found, followSearch, type LogSearch } from './follow-search.ts'
import { type CompileRegex, type Pattern, patternOf, type SearchWish } from './search-pattern.ts'

const typingMs = 120

export type Search = Found & {
  pattern?: Pattern
  /** What the browser says of an expression that is none. */
  problem?: string
}

/** What of the lines matches, while they grow and while somebody types. */
export function useLogSearch(
  lines: readonly BufferedLine[],
  version: number,
  wish: SearchWish,
): Search {
  const [found, setFound] = useState<Found>({ lines: [], state: 'done' })
  const search = useRef<LogSearch>(undefined)
  const [compile, setCompile] = useState<CompileRegex>()
  const pattern = useMemo(() => patternOf(wish, compile), [wish, compile])

  useEffect(() => {
    if (!wish.regex || compile) return
    void import('#server/runs/model/search-log.ts').then((engine) => {
      setCompile(() => engine.logMatcher)
    })
  }, [wish.regex, compile])

  useEffect(() => {
    const one = followSearch(
      () => new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' }),
      setFound,
    )
    search.current = one
    return () => one.end()
  }, [])

  useEffect(() => search.current?.feed(lines), [lines, version])

  useEffect(() => {
    const asked = pattern instanceof Error ? { ...wish, text: '' } : wish
    const timer = setTimeout(() => search.current?.search(asked), wish.text === '' ? 0 : typingMs)
    return () => clearTimeout(timer)
  }, [wish, pattern])

  if (pattern instanceof Error) return { lines: [], state: 'done', problem: pattern.message }
  return { ...found, pattern: found.state === 'slow' ? undefined : pattern }
}

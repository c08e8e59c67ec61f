'use client'
import { useTranslations } from 'next-intl'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { pathOf } from '#components/data/queries.ts'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { LogLines, type LogLinesHandle } from './log-lines.tsx'
import type { RowLook } from './log-row.tsx'
import { LogToolbar } from './log-toolbar.tsx'
import { plainText, searchLines } from './search-lines.ts'
import { useRunLog } from './use-run-log.ts'
import { createStepFilter } from './visible-lines.ts'

/** A run's log: live, searchable, addressable by line. `step` shows one step alone. */
export function RunLog({
  namespace,
  name,
  step,
  initialStep,
}: {
  namespace: string
  name: string
  step?: string
  /** The step whose last line is in view at first: where a failed run failed. */
  initialStep?: string
}) {
  const t = useTranslations('runs.log')
  const log = useRunLog(namespace, name)
  const [filter] = useState(createStepFilter)
  const lines = filter(log.lines, step)
  const [look, setLook] = useState<RowLook>({ wrap: true, times: false, steps: true })
  const [follow, setFollow] = useState(true)
  const [query, setQuery] = useState('')
  const [current, setCurrent] = useState(0)
  const [marked, setMarked] = useState<number>()
  const handle = useRef<LogLinesHandle>(null)
  const searchBox = useRef<HTMLInputElement>(null)
  const placed = useRef(false)

  const wanted = useDeferredValue(query)
  const found = useMemo(() => searchLines(lines, wanted), [lines, wanted, log.version])
  const foundSet = useMemo(() => new Set(found), [found])

  function goTo(match: number) {
    if (found.length === 0) return
    const next = ((match % found.length) + found.length) % found.length
    setCurrent(next)
    setFollow(false)
    handle.current?.scrollTo(found[next] ?? 0)
  }

  function mark(number: number) {
    setMarked(number)
    history.replaceState(null, '', `#L${number}`)
  }

  // Once, as soon as the line is there: the line of the address, else the end of the step that failed.
  useEffect(() => {
    if (placed.current || log.version === 0) return
    const number = Number(/^#L(\d+)$/.exec(location.hash)?.[1])
    const target = number
      ? lines.findIndex((line) => line.number === number)
      : initialStep
        ? lines.findLastIndex((line) => line.step === initialStep)
        : -1
    if (target < 0) return
    if (number) setMarked(number)
    placed.current = true
    setFollow(false)
    handle.current?.scrollTo(target)
  }, [lines, log.version, initialStep])

  function onKey(event: React.KeyboardEvent) {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return
    const acts: Record<string, () => void> = {
      '/': () => searchBox.current?.focus(),
      n: () => goTo(current + 1),
      N: () => goTo(current - 1),
      f: () => setFollow((on) => !on),
      w: () => setLook((now) => ({ ...now, wrap: !now.wrap })),
      t: () => setLook((now) => ({ ...now, times: !now.times })),
      g: () => {
        setFollow(false)
        handle.current?.scrollTo(0)
      },
      G: () => setFollow(true),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  function copy() {
    return navigator.clipboard.writeText(lines.map((line) => plainText(line.text)).join('\n'))
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever the focus is inside the viewer.
    <div onKeyDown={onKey} className="bg-log">
      <LogToolbar
        query={query}
        onQuery={(text) => {
          setQuery(text)
          setCurrent(0)
        }}
        matches={found.length}
        current={current}
        onStep={(by) => goTo(current + by)}
        look={look}
        onLook={setLook}
        follow={follow}
        onFollow={setFollow}
        onCopy={copy}
        download={`${pathOf('runs', namespace, name, 'log.txt')}${step ? `?step=${encodeURIComponent(step)}` : ''}`}
        searchBox={searchBox}
      />
      {log.failure ? (
        <div className="p-3">
          <ErrorNote error={log.failure} />
        </div>
      ) : null}
      {log.gaps
        .filter((gap) => !step || gap.step === step)
        .map((gap) => (
          <p key={gap.step} className="bg-warn-soft px-4 py-2 text-[0.9rem] text-warn">
            {t(`gap.${gap.reason}`, { step: gap.step })}
          </p>
        ))}
      <LogLines
        ref={handle}
        lines={lines}
        version={log.version}
        look={{ ...look, steps: look.steps && !step }}
        follow={follow}
        onFollow={setFollow}
        marked={marked}
        onMark={mark}
        found={foundSet}
        label={t('label')}
      />
      <p role="status" className="border-t border-line px-4 py-1.5 text-[0.85rem] text-muted">
        {log.ended
          ? t('ended', { count: log.lines.length })
          : log.connected
            ? log.lines.length === 0
              ? t('waiting')
              : t('live', { count: log.lines.length })
            : t('reconnecting')}
      </p>
    </div>
  )
}

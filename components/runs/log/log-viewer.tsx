'use client'
import { useNow, useTranslations } from 'next-intl'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { pathOf } from '#components/data/queries.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { copyText } from './copy-text.ts'
import { LogEarlier } from './log-earlier.tsx'
import { LogLines, type LogLinesHandle } from './log-lines.tsx'
import { LogNotices } from './log-notices.tsx'
import { LogState } from './log-state.tsx'
import type { RowLook } from './rows/log-row.tsx'
import { createVisibleRows, type RowFilter } from './rows/visible-rows.ts'
import { LogSearchBox } from './search/log-search-box.tsx'
import { noSearch } from './search/search-pattern.ts'
import { useLogSearch } from './search/use-log-search.ts'
import { useWholeSearch } from './search/use-whole-search.ts'
import { LogContainerSelect } from './toolbar/log-container-select.tsx'
import { LogHelp } from './toolbar/log-help.tsx'
import { LogLevelChips } from './toolbar/log-level-chips.tsx'
import { LogDownloadMenu, LogViewMenu } from './toolbar/log-menus.tsx'
import { LogToolbar } from './toolbar/log-toolbar.tsx'
import type { HeldAddress } from './use-log-address.ts'
import { useLogKeys } from './use-log-keys.ts'
import { useLogMoves } from './use-log-moves.ts'
import type { FollowedLog } from './use-run-log.ts'

/** A run's log as it is followed: searchable, filterable, addressable by line. `step` shows one step alone. */
export function LogViewer({
  run,
  log,
  held,
  step,
  openAt,
}: {
  run: Pick<RunView, 'namespace' | 'name' | 'steps'>
  log: FollowedLog
  held: HeldAddress
  step?: string
  /** The row that is in view at first, once it is known: where a failed run failed. */
  openAt?: number
}) {
  const t = useTranslations('runs.log')
  const { address, change, jump, jumps } = held
  const now = useNow({ updateInterval: 1000 }).getTime()
  const [wrap, setWrap] = useState(true)
  const [shut, setShut] = useState<ReadonlySet<number>>(new Set())
  const [help, setHelp] = useState(false)
  const [visibleRows] = useState(createVisibleRows)
  const handle = useRef<LogLinesHandle>(null)
  const searchBox = useRef<HTMLInputElement>(null)

  const { lines, version, levels, folds } = log
  const search = useLogSearch(lines, version, address.search)
  const { container } = address
  const whole = useWholeSearch(run, log, search.problem ? noSearch : address.search, {
    container,
    step,
  })
  const only = address.onlyMatches && address.search.text !== '' ? search.lines : undefined
  const filter = useMemo<RowFilter>(
    () => ({
      step,
      levels: address.levels.length > 0 ? new Set(address.levels) : undefined,
      json: address.json,
      shut,
      only,
    }),
    [step, address.levels, address.json, shut, only],
  )
  const rows = visibleRows(lines, filter)
  const found = useMemo(() => new Set(search.lines), [search.lines])
  const began = useMemo(
    () => Object.fromEntries(run.steps.map((one) => [one.name, one.startedAt])),
    [run.steps],
  )
  const look = useMemo<RowLook>(
    () => ({ wrap, times: address.times, steps: step === undefined }),
    [wrap, address.times, step],
  )
  const moves = useLogMoves({
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
    unfold: (number) => setShut((now) => new Set([...now].filter((opener) => opener !== number))),
  })
  const onKey = useLogKeys({
    search: () => searchBox.current?.focus(),
    next: () => moves.match(1),
    previous: () => moves.match(-1),
    error: () => moves.error(1),
    errorBack: () => moves.error(-1),
    down: () => moves.line(1),
    up: () => moves.line(-1),
    copy: () => void copyText(lines, rows, address.range),
    follow: () => moves.setFollow(!moves.follow),
    top: () => (log.part || log.earlier > 0 ? jump(1) : moves.toRow(0)),
    bottom: backToEnd,
    wrap: () => setWrap((on) => !on),
    times: () => change({ times: address.times === 'none' ? 'local' : 'none' }),
    folds: () => foldAll(shut.size < folds.length),
    help: () => setHelp(true),
  })
  const spoken = useDeferredValue(moves.spoken)

  function backToEnd() {
    if (log.part) change({ range: undefined })
    moves.setFollow(true)
  }

  function foldAll(on: boolean) {
    setShut(on ? new Set(folds) : new Set())
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever the focus is inside the viewer.
    <div onKeyDown={onKey} className="bg-log">
      <LogToolbar
        follow={moves.follow}
        onFollow={moves.setFollow}
        onCopy={() => copyText(lines, rows)}
        onHelp={() => setHelp(true)}
        menus={
          <>
            <LogContainerSelect
              containers={log.containers}
              chosen={container}
              onChosen={(name) => change({ container: name, range: undefined })}
            />
            <LogViewMenu
              view={{ wrap, times: address.times, json: address.json }}
              onView={({ wrap: wrapped, ...rest }) => {
                if (wrapped !== undefined) setWrap(wrapped)
                change(rest)
              }}
              folds={{ count: folds.length, shut: shut.size }}
              onFoldAll={foldAll}
            />
            <LogDownloadMenu
              path={pathOf('runs', run.namespace, run.name, 'log.txt')}
              container={container}
              steps={run.steps.map(({ name }) => name)}
            />
          </>
        }
      >
        <LogSearchBox
          wish={address.search}
          onWish={(wish) => change({ search: wish })}
          search={search}
          count={whole?.count ?? search.lines.length}
          current={moves.matchAt}
          onStep={moves.match}
          only={address.onlyMatches}
          onOnly={(onlyMatches) => change({ onlyMatches })}
          box={searchBox}
        />
        <LogLevelChips
          counts={levels}
          chosen={address.levels}
          onChosen={(chosen) => change({ levels: chosen })}
        />
      </LogToolbar>
      <LogNotices log={log} step={step} />
      <LogEarlier log={log} onRow={jump} onBack={backToEnd} />
      <LogLines
        ref={handle}
        lines={lines}
        rows={rows}
        layout={filter}
        look={look}
        follow={moves.follow && !log.part}
        onFollow={(on) => moves.setFollow(on && !log.part)}
        onResume={backToEnd}
        range={address.range}
        onMark={moves.mark}
        found={found}
        current={moves.matchRow}
        pattern={search.pattern}
        shut={shut}
        onFold={(number) => setShut((was) => toggled(was, number))}
        began={began}
        now={now}
        ended={log.ended}
        label={t('label')}
      />
      <LogState log={log} container={container} shown={rows.count} />
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
      <LogHelp open={help} onOpenChange={setHelp} />
    </div>
  )
}

function toggled(set: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}

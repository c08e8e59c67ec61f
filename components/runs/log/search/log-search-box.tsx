'use client'
import { CaseSensitive, ChevronDown, ChevronUp, Filter, Regex, WholeWord } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { RefObject } from 'react'
import { Toggle } from '#components/runs/log/toolbar/toggle.tsx'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import type { SearchWish } from './search-pattern.ts'
import { SpokenWords } from './spoken-words.tsx'
import type { Search } from './use-log-search.ts'

/** What to look for and how, how often it is there, and the way from one to the next. */
export function LogSearchBox({
  wish,
  onWish,
  search,
  count,
  current,
  onStep,
  only,
  onOnly,
  box,
}: {
  wish: SearchWish
  onWish: (wish: SearchWish) => void
  search: Search
  /** Of all lines that were found, also of those that are not in the page. */
  count: number
  /** Which of the lines that were found one stands at, from 0. */
  current: number
  onStep: (by: 1 | -1) => void
  only: boolean
  onOnly: (only: boolean) => void
  box: RefObject<HTMLInputElement | null>
}) {
  const t = useTranslations('runs.log')
  function outcome(): string {
    if (search.problem) return t('badRegex')
    if (search.state === 'slow') return t('slowRegex')
    if (count > 0) return t('match', { current: current + 1, count })
    return t(search.state === 'looking' ? 'looking' : 'none')
  }

  function spoken(): string {
    if (search.problem) return t('spoken.badRegex')
    if (search.state === 'slow') return t('spoken.slowRegex')
    return search.state === 'looking' && count === 0 ? '' : t('spoken.found', { count })
  }

  return (
    <div className="flex flex-wrap items-center gap-0.5">
      <input
        ref={box}
        type="search"
        value={wish.text}
        maxLength={500}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onWish({ ...wish, text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape') {
            onWish({ ...wish, text: '' })
            event.currentTarget.blur()
          }
        }}
        placeholder={t('search')}
        aria-label={t('search')}
        aria-invalid={search.problem ? true : undefined}
        className={classes(
          'mr-1 h-8 w-48 rounded-lg border border-line-strong bg-surface px-2.5 text-[0.9rem]',
          'aria-invalid:border-bad',
        )}
      />
      <Toggle on={wish.case} onChange={(on) => onWish({ ...wish, case: on })} label={t('case')}>
        <CaseSensitive size={17} aria-hidden />
      </Toggle>
      <Toggle on={wish.word} onChange={(on) => onWish({ ...wish, word: on })} label={t('word')}>
        <WholeWord size={17} aria-hidden />
      </Toggle>
      <Toggle on={wish.regex} onChange={(on) => onWish({ ...wish, regex: on })} label={t('regex')}>
        <Regex size={16} aria-hidden />
      </Toggle>
      {wish.text ? (
        <>
          <span className="px-1.5 text-[0.87rem] text-muted tabular-nums">{outcome()}</span>
          <SpokenWords text={spoken()} />
          <Button
            look="quiet"
            size="small"
            className="px-2"
            aria-label={t('previous')}
            onClick={() => onStep(-1)}
          >
            <ChevronUp size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            size="small"
            className="px-2"
            aria-label={t('next')}
            onClick={() => onStep(1)}
          >
            <ChevronDown size={16} aria-hidden />
          </Button>
          <Toggle on={only} onChange={onOnly} label={t('only')}>
            <Filter size={15} aria-hidden />
          </Toggle>
        </>
      ) : null}
    </div>
  )
}

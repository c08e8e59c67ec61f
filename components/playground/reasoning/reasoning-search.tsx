'use client'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Blocks } from '#components/playground/typeset/use-blocks.ts'
import { Button } from '#components/ui/button.tsx'
import { TextInput } from '#components/ui/field.tsx'

/** Searches the source of a thought, LaTeX included. Enter goes to the next place, with Shift to the one before. */
export function ReasoningSearch({
  blocks,
  onShow,
}: {
  blocks: Blocks
  onShow: (block: number) => void
}) {
  const t = useTranslations('reasoning.search')
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(-1)
  const found = blocksWith(blocks, query)

  function go(step: 1 | -1) {
    if (found.length === 0) return
    const next = at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length
    setAt(next)
    onShow(found[next] ?? 0)
  }

  return (
    <search className="flex min-w-0 flex-1 flex-wrap items-center justify-end gap-1">
      {query ? (
        <p role="status" className="px-1 text-[0.87rem] text-muted tabular-nums">
          {found.length === 0
            ? t('none')
            : at < 0
              ? t('count', { count: found.length })
              : t('place', { at: at + 1, count: found.length })}
        </p>
      ) : null}
      <TextInput
        type="search"
        aria-label={t('label')}
        placeholder={t('label')}
        className="h-8 max-w-56"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(-1)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') setQuery('')
          else return
          // Escape would stop the answer, Enter send a form.
          event.preventDefault()
        }}
      />
      <Button size="small" look="quiet" aria-label={t('previous')} onClick={() => go(-1)}>
        <ChevronUp size={16} aria-hidden />
      </Button>
      <Button size="small" look="quiet" aria-label={t('next')} onClick={() => go(1)}>
        <ChevronDown size={16} aria-hidden />
      </Button>
    </search>
  )
}

function blocksWith({ feed }: Blocks, query: string): number[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return []
  return [...feed.finished, feed.open].flatMap((block, index) =>
    block.toLowerCase().includes(wanted) ? [index] : [],
  )
}

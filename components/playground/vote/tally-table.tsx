'use client'
import { useTranslations } from 'next-intl'
import { Typeset } from '#components/playground/typeset/typeset.tsx'
import { Badge } from '#components/ui/badge.tsx'
import type { Tally, TallyGroup } from './tally.ts'

/** A row for each group of equal answers, then what has no vote. Each answer opens with one click. */
export function TallyTable({
  tally,
  nameOf,
  chosen,
  onOpen,
  onPick,
}: {
  tally: Tally
  nameOf: (id: string) => string
  /** Answers whose reasoning is compared. */
  chosen: readonly string[]
  onOpen: (id: string) => void
  onPick: (id: string) => void
}) {
  const t = useTranslations('vote')
  const answers = (ids: readonly string[]) => (
    <span className="flex flex-wrap gap-x-3 gap-y-1">
      {ids.map((id) => (
        <span key={id} className="inline-flex items-center gap-1">
          <button type="button" className="text-accent underline" onClick={() => onOpen(id)}>
            {nameOf(id)}
          </button>
          <input
            type="checkbox"
            className="size-6"
            aria-label={t('compare', { answer: nameOf(id) })}
            checked={chosen.includes(id)}
            onChange={() => onPick(id)}
          />
        </span>
      ))}
    </span>
  )
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left">
        <thead>
          <tr className="text-[0.87rem] text-muted">
            <th scope="col">{t('result')}</th>
            <th scope="col">{t('votes')}</th>
            <th scope="col">{t('answers')}</th>
          </tr>
        </thead>
        <tbody>
          {tally.groups.map((group, at) => (
            <tr
              key={group.ids.join()}
              data-testid="vote-group"
              className="border-t border-line align-top"
            >
              <td className="py-1">
                <Typeset text={`$${group.normalForm}$`} />
                <Expected group={group} />
                {tally.undecided
                  .filter(({ groups }) => groups.includes(at))
                  .map(({ groups, rule }) => (
                    <p key={groups.join()} className="text-[0.85rem] text-muted">
                      {t('undecidedWith', {
                        row: 1 + (groups[0] === at ? groups[1] : groups[0]),
                        rule,
                      })}
                    </p>
                  ))}
              </td>
              <td className="tabular-nums">{group.ids.length}</td>
              <td>{answers(group.ids)}</td>
            </tr>
          ))}
          {(['noAnswer', 'cutOff', 'growing', 'void'] as const).map((kind) =>
            tally[kind].length > 0 ? (
              <tr key={kind} className="border-t border-line text-muted">
                <td className="py-1">{t(kind)}</td>
                <td className="tabular-nums">{tally[kind].length}</td>
                <td>{answers(tally[kind])}</td>
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </div>
  )
}

function Expected({ group: { expected } }: { group: TallyGroup }) {
  const t = useTranslations('vote')
  if (!expected) return null
  const tone = expected === 'equal' ? 'good' : expected === 'different' ? 'bad' : 'warn'
  return <Badge tone={tone}>{t(`expectation.${expected}`)}</Badge>
}

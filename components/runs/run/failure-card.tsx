'use client'
import { useTranslations } from 'next-intl'
import { plainText } from '#components/runs/log/log-text.ts'
import { CodeText } from '#components/ui/code-text.tsx'
import type { Failure } from '#server/runs/model/failure-rules.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { unknownValues } from './unknown-values.ts'
import type { Excerpt } from './use-failure.ts'

/** Why a run failed: what happened, whose turn it is, what to do, and its own first words about it. */
export function FailureCard({
  run,
  failure,
  excerpt,
}: {
  run: RunView
  failure?: Failure
  excerpt: Excerpt
}) {
  const t = useTranslations('failures')
  const runs = useTranslations('runs')
  const values = { ...unknownValues, ...failure?.values }
  return (
    <section
      aria-label={t('title')}
      className="grid gap-3 rounded-card border border-bad/40 bg-bad-soft px-4 py-3"
    >
      <div role="alert">
        <p className="text-[0.87rem] font-medium text-bad">
          {run.failedStep ? runs('failedAt', { step: run.failedStep }) : runs('failed')}
        </p>
        {failure ? (
          <p className="text-lg font-semibold break-words">{t(`${failure.rule}.what`, values)}</p>
        ) : null}
        <p className="font-mono text-[0.84rem] break-words whitespace-pre-wrap">{run.message}</p>
      </div>
      {failure ? (
        <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
          <dt className="text-muted">{t('turnName')}</dt>
          <dd className="font-medium">{t(`turn.${failure.turn}`)}</dd>
          <dt className="text-muted">{t('doName')}</dt>
          <dd className="min-w-0 break-words">{t(`${failure.rule}.do`, values)}</dd>
        </dl>
      ) : null}
      {failure?.rule === 'forbidden' ? (
        <CodeText label={t('rule')} text={missingRule(failure.values)} />
      ) : null}
      {excerpt.lines.length > 0 ? (
        <figure
          aria-label={t('said')}
          className="min-w-0 rounded-lg border border-line bg-log py-1.5"
        >
          {excerpt.lines.map((line) => (
            <a
              key={line.row}
              href={`#L${line.row}`}
              aria-label={t('row', { row: line.row })}
              className={`flex min-h-7 items-center gap-3 px-3 font-mono text-[0.84rem] hover:bg-raised ${
                line.row === excerpt.row ? 'font-semibold text-bad' : 'text-muted'
              }`}
            >
              <span className="min-w-10 text-right tabular-nums select-none">{line.row}</span>
              <span className="line-clamp-3 min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap">
                {plainText(line.text)}
              </span>
            </a>
          ))}
        </figure>
      ) : null}
    </section>
  )
}

/** Exactly what was refused, as a rule of a Role. */
function missingRule(values: Record<string, string>): string {
  const quoted = (value = '') => `["${value}"]`
  return `- apiGroups: ${quoted(values.group)}
  resources: ${quoted(values.resource)}
  verbs: ${quoted(values.verb)}`
}

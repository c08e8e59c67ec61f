'use client'
import { useFormatter, useTranslations } from 'next-intl'
import type { Benchmark } from '#server/serving/model/model-service.ts'

/** Published scores beside a known model's, each with its method and its source. */
export function BenchmarkTable({ benchmarks }: { benchmarks: Benchmark[] }) {
  const t = useTranslations('models.benchmarks')
  const format = useFormatter()
  const score = (value: number) =>
    format.number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (
    <ul className="grid gap-4">
      {benchmarks.map((benchmark) => (
        <li
          key={benchmark.name}
          className="grid gap-x-6 gap-y-2 sm:grid-cols-[9rem_minmax(0,1fr)] sm:items-center"
        >
          <div>
            <p className="font-medium">{benchmark.name}</p>
            <p className="text-[2rem] leading-none font-semibold tracking-tight tabular-nums">
              {score(benchmark.score)}
            </p>
          </div>
          <div className="grid gap-1.5">
            <Bar score={benchmark.score} own />
            <Bar score={benchmark.reference.score} />
            <p className="text-[0.87rem] text-muted">
              {t('reference', {
                model: benchmark.reference.model,
                score: score(benchmark.reference.score),
              })}
              {' · '}
              {benchmark.method}
              {' · '}
              <Source source={benchmark.source} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Bar({ score, own }: { score: number; own?: boolean }) {
  return (
    <div aria-hidden className="h-2 rounded-full bg-raised">
      <div
        className={own ? 'h-2 rounded-full bg-accent' : 'h-2 rounded-full bg-line-strong'}
        style={{ width: `${Math.min(100, Math.max(0, score))}%` }}
      />
    </div>
  )
}

/** A source that is a web address becomes a link; anything else stays text. */
function Source({ source }: { source: string }) {
  if (!/^https:\/\//.test(source)) return <>{source}</>
  return (
    <a href={source} target="_blank" rel="noreferrer" className="text-accent hover:underline">
      {source.replace(/^https:\/\//, '')}
    </a>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import { useId } from 'react'
import { classes } from '#components/ui/classes.ts'
import { type Strategy, strategies } from '#server/access/model/model-binding.ts'

/** The two ways to a name, both explained before one is chosen. */
export function StrategyField({
  value,
  error,
  onChange,
}: {
  value: Strategy
  error?: string
  onChange: (strategy: Strategy) => void
}) {
  const t = useTranslations('access.request')
  const id = useId()
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined} className="grid gap-2">
      <legend className="mb-1.5 font-medium">{t('strategy')}</legend>
      {strategies.map((name) => (
        <label
          key={name}
          className={classes(
            'flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
            name === value ? 'border-accent bg-accent-soft' : 'border-line-strong hover:bg-raised',
          )}
        >
          <input
            type="radio"
            name={`${id}-strategy`}
            value={name}
            checked={name === value}
            aria-labelledby={`${id}-${name}`}
            aria-describedby={`${id}-${name}-is`}
            onChange={() => onChange(name)}
            className="mt-1 accent-accent outline-none"
          />
          <span className="min-w-0">
            <span id={`${id}-${name}`} className="font-mono text-[0.93rem] font-medium">
              {name}
            </span>
            <span id={`${id}-${name}-is`} className="block text-[0.9rem] text-muted">
              {t(`strategies.${name}`)}
            </span>
          </span>
        </label>
      ))}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-[0.87rem] font-medium text-bad">
          {error}
        </p>
      ) : null}
    </fieldset>
  )
}

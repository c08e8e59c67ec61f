'use client'
import { Check, Download, SlidersHorizontal } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { type TimeLook, timeLooks } from '#components/runs/log/line-times.ts'
import { Button } from '#components/ui/button.tsx'
import { everyContainer } from '#server/runs/views/run-log-views.ts'

const item =
  'flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-[0.92rem] outline-none data-highlighted:bg-raised'
const heading = 'px-2 pt-2 pb-1 text-[0.82rem] text-muted'

export type LogView = { wrap: boolean; times: TimeLook; json: boolean }

/** How lines are shown: what there is room for once, and not at each visit. */
export function LogViewMenu({
  view,
  onView,
  folds,
  onFoldAll,
}: {
  view: LogView
  onView: (view: Partial<LogView>) => void
  folds: { count: number; shut: number }
  onFoldAll: (shut: boolean) => void
}) {
  const t = useTranslations('runs.log')
  return (
    <Menu label={t('view')} icon={<SlidersHorizontal size={16} aria-hidden />}>
      <CheckItem on={view.wrap} onChange={(wrap) => onView({ wrap })}>
        {t('wrap')}
      </CheckItem>
      <CheckItem on={view.json} onChange={(json) => onView({ json })}>
        {t('json.only')}
      </CheckItem>
      {folds.count > 0 ? (
        <CheckItem on={folds.shut === folds.count} onChange={onFoldAll}>
          {t('foldAll')}
        </CheckItem>
      ) : null}
      <DropdownMenu.Label className={heading}>{t('times')}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup
        value={view.times}
        onValueChange={(times) => onView({ times: times as TimeLook })}
      >
        {timeLooks.map((look) => (
          <DropdownMenu.RadioItem key={look} value={look} className={item}>
            <Mark />
            {t(`time.${look}`)}
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </Menu>
  )
}

/** The log as plain text: all of it, or of one step; as it was written, or with time and step before each line. */
export function LogDownloadMenu({
  path,
  container,
  steps,
}: {
  path: string
  container?: string
  steps: readonly string[]
}) {
  const t = useTranslations('runs.log')
  const [timed, setTimed] = useState(true)
  function addressOf(of: Record<string, string>): string {
    const query = new URLSearchParams({ ...of, ...(timed ? {} : { format: 'plain' }) })
    return query.size > 0 ? `${path}?${query}` : path
  }
  return (
    <Menu label={t('download')} icon={<Download size={16} aria-hidden />}>
      <CheckItem on={timed} onChange={setTimed}>
        {t('downloadTimed')}
      </CheckItem>
      <DropdownMenu.Separator className="my-1 h-px bg-line" />
      {container ? (
        <DropdownMenu.Item asChild className={item}>
          <a href={addressOf({ container })} download>
            {container === everyContainer ? t('everything') : container}
          </a>
        </DropdownMenu.Item>
      ) : null}
      <DropdownMenu.Item asChild className={item}>
        <a href={addressOf({})} download>
          {t('downloadAll')}
        </a>
      </DropdownMenu.Item>
      {steps.map((step) => (
        <DropdownMenu.Item key={step} asChild className={item}>
          <a href={addressOf({ step })} download>
            <span className="font-mono">{step}</span>
          </a>
        </DropdownMenu.Item>
      ))}
    </Menu>
  )
}

function Menu({ label, icon, children }: { label: string; icon: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button look="quiet" size="small" className="px-2" aria-label={label} title={label}>
          {icon}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 max-h-[min(26rem,80dvh)] min-w-56 overflow-auto rounded-card border border-line bg-surface p-1 shadow-xl"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function CheckItem({
  on,
  onChange,
  children,
}: {
  on: boolean
  onChange: (on: boolean) => void
  children: ReactNode
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={on}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={item}
    >
      <Mark />
      {children}
    </DropdownMenu.CheckboxItem>
  )
}

function Mark() {
  return (
    <span className="inline-flex w-4" aria-hidden>
      <DropdownMenu.ItemIndicator>
        <Check size={15} />
      </DropdownMenu.ItemIndicator>
    </span>
  )
}

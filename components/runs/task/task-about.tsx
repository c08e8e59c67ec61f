'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { CodeText } from '#components/ui/code-text.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { TaskDetailView } from '#server/runs/views/task-detail-view.ts'
import { textOf } from './task-draft.ts'
import { taskNotes } from './task-notes.ts'

/** What a Task is made of, and why it is as it is. */
export function TaskAbout({ task }: { task: TaskDetailView }) {
  const t = useTranslations('runs.tasks.about')
  const changes = useTranslations('changes')
  const notes = taskNotes[task.name] ?? []
  return (
    <>
      <Panel title={t('title')}>
        <div className="grid gap-5">
          <ol aria-label={t('steps')} className="grid list-inside list-decimal gap-1">
            {task.steps.map((step) => (
              <li key={step.name}>
                <span className="font-mono font-medium">{step.name}</span>{' '}
                <span className="font-mono text-[0.87rem] text-muted">{step.image}</span>
              </li>
            ))}
          </ol>
          <Facts>
            {task.params.map((param) => (
              <Fact key={param.name} name={<span className="font-mono">{param.name}</span>}>
                {param.description}{' '}
                <span className="text-[0.87rem] text-muted">
                  {param.type ?? 'string'} ·{' '}
                  {param.default === undefined
                    ? t('needed')
                    : textOf(param.default)
                      ? t('default', { value: textOf(param.default) })
                      : t('empty')}
                </span>
              </Fact>
            ))}
            {task.workspaces.map(({ name, description }) => (
              <Fact key={name} name={<span className="font-mono">{name}</span>}>
                {description} <span className="text-[0.87rem] text-muted">{t('workspace')}</span>
              </Fact>
            ))}
            {task.results.map(({ name, description }) => (
              <Fact key={name} name={<span className="font-mono">{name}</span>}>
                {description} <span className="text-[0.87rem] text-muted">{t('result')}</span>
              </Fact>
            ))}
            {task.serviceAccount ? (
              <Fact name={t('account')}>
                <span className="font-mono">{task.serviceAccount}</span>
              </Fact>
            ) : null}
            {task.timeout ? <Fact name={t('timeout')}>{task.timeout}</Fact> : null}
            <Fact name={t('retries')}>{task.retries}</Fact>
          </Facts>
          <details>
            <summary className="font-medium">{t('yaml')}</summary>
            <div className="mt-2">
              <CodeText text={task.yaml} label={t('yaml')} />
            </div>
          </details>
        </div>
      </Panel>
      {notes.length > 0 ? (
        <Panel title={changes('title')}>
          <ul className="grid gap-3">
            {notes.map((note) => (
              <li key={note}>
                <Link href={`/changes#${note}`} className="font-medium text-accent hover:underline">
                  {changes(`items.${note}.title`)}
                </Link>
                <p className="text-muted">{changes(`items.${note}.text`)}</p>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </>
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { tasksQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

/** The Tasks that can be started by hand, with what they do. */
export function TasksPage() {
  const t = useTranslations('runs.tasks')
  const { data, error, refetch } = useQuery(tasksQuery())
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      {error ? (
        <ErrorNote error={error} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('loading')} />
      ) : data.length === 0 ? (
        <Panel>
          <Empty title={t('empty')}>{t('emptyNext')}</Empty>
        </Panel>
      ) : (
        <ul className="grid gap-4">
          {data.map((task) => (
            <li key={task.id}>
              <Panel
                title={
                  <Link
                    href={`/tasks/${task.namespace}/${task.name}`}
                    className="font-mono text-accent hover:underline"
                  >
                    {task.name}
                  </Link>
                }
                actions={
                  task.can.includes('run') ? (
                    <Button asChild size="small">
                      <Link href={`/tasks/${task.namespace}/${task.name}`}>{t('run')}</Link>
                    </Button>
                  ) : null
                }
              >
                <p>{task.description}</p>
                <p className="mt-2 text-[0.9rem] text-muted">
                  {t('steps', { steps: task.steps.map(({ name }) => name).join(' → ') })}
                </p>
                {task.can.includes('run') ? null : (
                  <p className="mt-2 text-[0.9rem] text-muted">{t('internal')}</p>
                )}
              </Panel>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { runQuery } from '#components/data/queries.ts'
import { runDetailQuery, taskQuery } from '#components/data/run-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { TaskAbout } from './task-about.tsx'

const taskForm = () => import('./task-form.tsx').then((m) => m.TaskForm)
/** It checks what is typed, which is large: it comes with the data that it needs. */
const TaskForm = dynamic(taskForm)

/** One Task: what it does, and the form that starts it; `?from=RUN` fills in what an earlier run had. */
export function TaskPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('runs.tasks')
  useEffect(() => void taskForm(), [])
  const from = useSearchParams().get('from') ?? ''
  const task = useQuery(taskQuery(namespace, name))
  const run = useQuery({ ...runQuery(namespace, from), enabled: from !== '' })
  const detail = useQuery({
    ...runDetailQuery(run.data ?? { namespace, name: from, state: 'pending', steps: [] }),
    enabled: run.data !== undefined,
  })
  const error = task.error ?? run.error ?? detail.error
  if (error) {
    return (
      <>
        <PageHeader title={<span className="font-mono">{name}</span>} />
        <ErrorNote
          error={error}
          onRetry={() => {
            for (const one of [task, run, detail]) if (one.error) void one.refetch()
          }}
        />
      </>
    )
  }
  if (!task.data || (from && !(run.data && detail.data))) {
    return <Skeleton rows={6} label={t('loading')} />
  }
  const mayRun = task.data.can.includes('run')
  return (
    <>
      <PageHeader
        title={<span className="font-mono">{task.data.name}</span>}
        lead={task.data.description}
        actions={
          <Button asChild size="small">
            <Link href={`/runs?task=${encodeURIComponent(name)}`}>{t('itsRuns')}</Link>
          </Button>
        }
      />
      <div className="grid gap-6">
        {mayRun ? (
          <TaskForm
            task={task.data}
            earlier={
              run.data &&
              detail.data && {
                params: run.data.params,
                workspaces: detail.data.workspaces,
                why: run.data.why ?? '',
              }
            }
          />
        ) : (
          <p className="text-muted">{t('internal')}</p>
        )}
        <TaskAbout task={task.data} />
      </div>
    </>
  )
}

'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { tasksQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextArea, TextInput } from '#components/ui/field.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { AppError } from '#server/domain/errors.ts'
import type { ParamSpec } from '#server/domain/task-run.ts'
import type { TaskView } from '#server/domain/views.ts'
import { startRun } from './mutations.ts'
import { firstTaskDraft, paramsOf, type TaskDraftProblem, textOf } from './task-draft.ts'

const whyMin = 3

export function TaskPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('runs.tasks')
  const { data, error, refetch } = useQuery(tasksQuery())
  if (error) return <ErrorNote error={error} onRetry={refetch} />
  if (!data) return <Skeleton rows={6} label={t('loading')} />
  const task = data.find((one) => one.namespace === namespace && one.name === name)
  if (!task?.can.includes('run')) return <ErrorNote error={new AppError('not-found', '')} />
  return (
    <>
      <PageHeader title={<span className="font-mono">{task.name}</span>} lead={task.description} />
      <TaskForm task={task} />
    </>
  )
}

function TaskForm({ task }: { task: TaskView }) {
  const t = useTranslations('runs.tasks.form')
  const router = useRouter()
  const [draft, setDraft] = useState(() => firstTaskDraft(task.params))
  const [why, setWhy] = useState('')
  const [checked, setChecked] = useState(false)
  const start = useMutation({
    ...startRun(),
    onSuccess: (run) => router.push(`/runs/${run.namespace}/${run.name}`),
  })
  const { params, problems } = paramsOf(task.params, draft)
  const whyMissing = why.trim().length < whyMin

  function submit(event: FormEvent) {
    event.preventDefault()
    setChecked(true)
    if (Object.keys(problems).length > 0 || whyMissing) return
    start.mutate({ task: task.name, params, why: why.trim() })
  }

  return (
    <form onSubmit={submit} noValidate className="grid max-w-[46rem] gap-6">
      <Panel title={t('params')}>
        {task.params.length === 0 ? <p className="text-muted">{t('noParams')}</p> : null}
        <div className="grid gap-5">
          {task.params.map((spec) => (
            <ParamField
              key={spec.name}
              spec={spec}
              value={draft[spec.name] ?? ''}
              problem={checked ? problems[spec.name] : undefined}
              onChange={(value) => setDraft({ ...draft, [spec.name]: value })}
            />
          ))}
        </div>
      </Panel>
      <Field
        label={t('why')}
        hint={t('whyHint')}
        error={checked && whyMissing ? t('whyMissing') : undefined}
      >
        {(attributes) => (
          <TextInput
            {...attributes}
            maxLength={500}
            value={why}
            onChange={(event) => setWhy(event.target.value)}
          />
        )}
      </Field>
      <Panel title={t('what')}>
        <ol className="grid list-inside list-decimal gap-1">
          {task.steps.map((step) => (
            <li key={step.name}>
              <span className="font-mono">{step.name}</span>{' '}
              <span className="font-mono text-[0.87rem] text-muted">{step.image}</span>
            </li>
          ))}
        </ol>
      </Panel>
      {start.error ? <ErrorNote error={start.error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={start.isPending}>
          {t('start')}
        </Button>
        <Button onClick={() => router.back()}>{t('back')}</Button>
      </div>
    </form>
  )
}

function ParamField({
  spec,
  value,
  problem,
  onChange,
}: {
  spec: ParamSpec
  value: string
  problem?: TaskDraftProblem
  onChange: (value: string) => void
}) {
  const t = useTranslations('runs.tasks.form')
  const hints = [
    spec.description,
    spec.type === 'array' ? t('list') : spec.type === 'object' ? t('object') : undefined,
    spec.default === undefined
      ? t('required')
      : textOf(spec.default) && t('default', { value: textOf(spec.default) }),
  ]
  return (
    <Field
      label={<span className="font-mono">{spec.name}</span>}
      hint={hints.filter(Boolean).join(' · ')}
      error={problem ? t(problem) : undefined}
    >
      {(attributes) =>
        spec.enum ? (
          <Select {...attributes} value={value} onChange={(event) => onChange(event.target.value)}>
            {spec.enum.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </Select>
        ) : spec.type === 'array' || spec.type === 'object' ? (
          <TextArea
            {...attributes}
            className="font-mono"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <TextInput
            {...attributes}
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  )
}

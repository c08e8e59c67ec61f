'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { previewRun, startRun } from '#components/runs/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { CodeText } from '#components/ui/code-text.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, TextInput } from '#components/ui/field.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { AppError } from '#server/platform/model/errors.ts'
import type { TaskDetailView } from '#server/runs/views/task-detail-view.ts'
import { bodyOf, firstTaskDraft } from './task-draft.ts'
import { ParamField, WorkspaceField } from './task-fields.tsx'

type Earlier = Parameters<typeof firstTaskDraft>[2]

/** The form of a Task, made from what it declares; what would be sent can be read before it is. */
export function TaskForm({ task, earlier }: { task: TaskDetailView; earlier?: Earlier }) {
  const t = useTranslations('runs.tasks.form')
  const router = useRouter()
  const [draft, setDraft] = useState(() => firstTaskDraft(task.params, task.workspaces, earlier))
  const [checked, setChecked] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const start = useMutation({
    ...startRun(),
    onSuccess: (run) => router.push(`/runs/${run.namespace}/${run.name}`),
  })
  const preview = useMutation(previewRun())
  const { body, problems } = bodyOf(task.name, task.params, draft)
  const refused = start.error ?? preview.error
  const refusedFields = refused instanceof AppError ? (refused.details.fields ?? []) : []

  function change(changes: Partial<typeof draft>) {
    setDraft({ ...draft, ...changes })
    preview.reset()
    start.reset()
  }

  function wrong(field: string): string | undefined {
    if (checked && problems[field]) return t(problems[field])
    return refusedFields.find((one) => one.field === field)?.message
  }

  function send(act: typeof start | typeof preview) {
    setChecked(true)
    if (Object.keys(problems).length === 0) return act.mutate(body)
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus())
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    send(start)
  }

  return (
    <form ref={form} onSubmit={submit} noValidate className="grid max-w-[46rem] gap-6">
      <Panel title={t('params')}>
        {task.params.length + task.workspaces.length === 0 ? (
          <p className="text-muted">{t('noParams')}</p>
        ) : null}
        <div className="grid gap-5">
          {task.params.map((spec) => (
            <ParamField
              key={spec.name}
              spec={spec}
              value={draft.params[spec.name] ?? ''}
              hidden={draft.hidden.includes(spec.name)}
              problem={wrong(`params.${spec.name}`)}
              onChange={(value) => change({ params: { ...draft.params, [spec.name]: value } })}
            />
          ))}
          {task.workspaces.map((workspace) => (
            <WorkspaceField
              key={workspace.name}
              workspace={workspace}
              value={draft.workspaces[workspace.name] ?? { kind: '', name: '' }}
              problem={wrong(`workspaces.${workspace.name}`)}
              onChange={(value) =>
                change({ workspaces: { ...draft.workspaces, [workspace.name]: value } })
              }
            />
          ))}
        </div>
      </Panel>
      <Field label={t('why')} hint={t('whyHint')} error={wrong('why')}>
        {(attributes) => (
          <TextInput
            {...attributes}
            maxLength={500}
            value={draft.why}
            onChange={(event) => change({ why: event.target.value })}
          />
        )}
      </Field>
      {preview.data ? (
        <Panel title={t('what')}>
          <CodeText text={preview.data.manifest} label={t('what')} />
        </Panel>
      ) : null}
      {refused ? <ErrorNote error={refused} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={start.isPending}>
          {t('start')}
        </Button>
        <Button busy={preview.isPending} onClick={() => send(preview)}>
          {t('preview')}
        </Button>
        <Button onClick={() => router.back()}>{t('back')}</Button>
      </div>
    </form>
  )
}

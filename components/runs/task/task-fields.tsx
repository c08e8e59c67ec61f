'use client'
import { useTranslations } from 'next-intl'
import { Field, Select, TextArea, TextInput } from '#components/ui/field.tsx'
import { hasMask } from '#server/runs/model/redact-object.ts'
import type { ParamSpec } from '#server/runs/model/task-run.ts'
import { workspaceKindNames } from '#server/runs/model/workspace-kinds.ts'
import type { TaskDetailView } from '#server/runs/views/task-detail-view.ts'
import { textOf, type WorkspaceDraft } from './task-draft.ts'

export function ParamField({
  spec,
  value,
  hidden,
  problem,
  onChange,
}: {
  spec: ParamSpec
  value: string
  /** The earlier run had a secret here. */
  hidden: boolean
  problem?: string
  onChange: (value: string) => void
}) {
  const t = useTranslations('runs.tasks.form')
  const hints = [
    hidden ? t('hidden') : undefined,
    spec.description,
    spec.type === 'array' ? t('list') : spec.type === 'object' ? t('object') : undefined,
    spec.default === undefined
      ? t('required')
      : hasMask(spec.default)
        ? t('defaultHidden')
        : textOf(spec.default) && t('default', { value: textOf(spec.default) }),
  ]
  return (
    <Field
      label={<span className="font-mono">{spec.name}</span>}
      hint={hints.filter(Boolean).join(' · ')}
      error={problem}
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

/** What a workspace of the run is: a directory of its own, or a claim, a ConfigMap or a Secret by its name. */
export function WorkspaceField({
  workspace,
  value,
  problem,
  onChange,
}: {
  workspace: TaskDetailView['workspaces'][number]
  value: WorkspaceDraft
  problem?: string
  onChange: (value: WorkspaceDraft) => void
}) {
  const t = useTranslations('runs.tasks.form')
  const named = value.kind !== '' && value.kind !== 'emptyDir'
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field
        label={<span className="font-mono">{workspace.name}</span>}
        hint={[workspace.description, t('workspace')].filter(Boolean).join(' · ')}
      >
        {(attributes) => (
          <Select
            {...attributes}
            value={value.kind}
            onChange={(event) =>
              onChange({ ...value, kind: event.target.value as WorkspaceDraft['kind'] })
            }
          >
            {workspace.optional ? <option value="">{t('noWorkspace')}</option> : null}
            {workspaceKindNames
              .filter((kind) => !workspace.own || kind === 'emptyDir')
              .map((kind) => (
                <option key={kind} value={kind}>
                  {t(`kind.${kind}`)}
                </option>
              ))}
          </Select>
        )}
      </Field>
      {named ? (
        <Field label={t('kindName', { workspace: workspace.name })} error={problem}>
          {(attributes) => (
            <TextInput
              {...attributes}
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              value={value.name}
              onChange={(event) => onChange({ ...value, name: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  )
}

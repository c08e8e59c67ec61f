'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { useDraft } from '#components/access/use-draft.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextArea } from '#components/ui/field.tsx'
import type { BindingView, GenerationView, ModelServiceView } from '#server/domain/views.ts'
import { draftOf, problemsOf, requestOf } from './ask-draft.ts'
import { hintsFor } from './hints.ts'
import { askModel } from './mutations.ts'
import { SamplingFields } from './sampling-fields.tsx'

const examples = ['quadratic', 'integral', 'gcd', 'program'] as const

/** The question and how it is asked: role, sampling, and advice where this model is known to do badly. */
export function Composer({
  binding,
  bindings,
  service,
  presetName,
  onBinding,
  onPreset,
  onAsked,
}: {
  binding: BindingView
  bindings: BindingView[]
  service: ModelServiceView
  presetName?: string
  onBinding: (id: string) => void
  onPreset: (name: string) => void
  onAsked: (generation: GenerationView) => void
}) {
  const t = useTranslations('playground')
  const preset = service.presets.find(({ name }) => name === presetName) ?? service.presets[0]
  const { draft, setDraft } = useDraft(`ask ${service.id} ${preset?.name}`, draftOf(preset))
  const [checked, setChecked] = useState(false)
  const ask = useMutation({ ...askModel(), onSuccess: onAsked })
  const request = requestOf(draft, binding)
  const problems = problemsOf(draft, service.limits.contextTokens)
  const hints = hintsFor({
    systemPrompt: draft.systemPrompt,
    prompt: draft.prompt,
    sampling: request.sampling,
    noRoleOnPurpose: preset?.systemPrompt === '' && draft.systemPrompt === '',
  })

  function submit(event?: FormEvent) {
    event?.preventDefault()
    setChecked(true)
    if (problems.length === 0 && !ask.isPending) ask.mutate(request)
  }

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-4 rounded-card border border-line bg-surface p-5"
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('binding')}>
          {(attributes) => (
            <Select
              {...attributes}
              value={binding.id}
              onChange={(event) => onBinding(event.target.value)}
            >
              {bindings.map(({ id, namespace, name }) => (
                <option key={id} value={id}>
                  {namespace}/{name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t('preset')} hint={preset?.description}>
          {(attributes) => (
            <Select
              {...attributes}
              value={preset?.name ?? ''}
              onChange={(event) => onPreset(event.target.value)}
            >
              {service.presets.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Field
        label={t('question')}
        hint={t('questionHint')}
        error={checked && problems.includes('prompt') ? t('questionMissing') : undefined}
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            data-testid="prompt"
            rows={4}
            value={draft.prompt}
            onChange={(event) => setDraft({ ...draft, prompt: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-[0.87rem] text-muted">{t('examples.label')}</span>
        {examples.map((example) => (
          <Button
            key={example}
            size="small"
            look="quiet"
            onClick={() => setDraft({ ...draft, prompt: t(`examples.${example}.text`) })}
          >
            {t(`examples.${example}.title`)}
          </Button>
        ))}
      </div>
      <details>
        <summary className="font-medium">{t('how')}</summary>
        <div className="mt-3 grid gap-4">
          <Field label={t('role')} hint={t('roleHint')}>
            {(attributes) => (
              <TextArea
                {...attributes}
                rows={2}
                value={draft.systemPrompt}
                onChange={(event) => setDraft({ ...draft, systemPrompt: event.target.value })}
              />
            )}
          </Field>
          <SamplingFields
            draft={draft}
            problems={problems}
            contextTokens={service.limits.contextTokens}
            onChange={setDraft}
          />
        </div>
      </details>
      {hints.length > 0 ? (
        <ul role="status" className="grid gap-1 rounded-lg bg-warn-soft px-4 py-2 text-warn">
          {hints.map((hint) => (
            <li key={hint}>{t(`hints.${hint}`)}</li>
          ))}
        </ul>
      ) : null}
      {ask.error ? <ErrorNote error={ask.error} /> : null}
      <div>
        <Button type="submit" look="primary" busy={ask.isPending}>
          {t('ask')}
          <kbd className="text-[0.8rem] opacity-80">Ctrl ↵</kbd>
        </Button>
      </div>
    </form>
  )
}

'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, TextInput } from '#components/ui/field.tsx'
import type { PresetContent, PresetView } from '#server/playground/views/preset-views.ts'
import { createPreset } from './preset-mutations.ts'

/** Names what is kept: the role and the sampling values as they stand in the form. */
export function NewPresetDialog({
  content,
  onClose,
  onCreated,
}: {
  content: Pick<PresetContent, 'systemPrompt' | 'sampling'>
  onClose: () => void
  onCreated: (created: PresetView) => void
}) {
  const t = useTranslations('presets')
  const ui = useTranslations('ui')
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const create = useMutation({ ...createPreset(), onSuccess: onCreated })

  function submit(event: FormEvent) {
    event.preventDefault()
    // The dialog stands inside the question's form, as React sees it.
    event.stopPropagation()
    if (title.trim() !== '' && !create.isPending) create.mutate({ title, description, ...content })
  }

  return (
    <Dialog title={t('keep')} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t('title')}>
          {(attributes) => (
            <TextInput
              {...attributes}
              required
              maxLength={80}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('description')}>
          {(attributes) => (
            <TextInput
              {...attributes}
              maxLength={500}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        {create.error ? <ErrorNote error={create.error} /> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{ui('cancel')}</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            {t('create')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import type { Ref } from 'react'
import { Field, TextArea } from '#components/ui/field.tsx'

/** What the approver tells the team. */
export function CommentField({
  ref,
  value,
  error,
  onChange,
}: {
  ref: Ref<HTMLTextAreaElement>
  value: string
  error?: string
  onChange: (text: string) => void
}) {
  const t = useTranslations('approvals.decide')
  return (
    <Field label={t('comment')} hint={t('commentHint')} error={error}>
      {(attributes) => (
        <TextArea
          {...attributes}
          ref={ref}
          maxLength={2000}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

import type { Ref } from 'react'
import { Field, TextArea } from './field.tsx'

/** A few words to an act, which are kept with it: why, or what the others should know. */
export function WordsField({
  ref,
  label,
  hint,
  error,
  value,
  required,
  max = 2000,
  onChange,
}: {
  ref?: Ref<HTMLTextAreaElement>
  label: string
  hint?: string
  error?: string
  value: string
  required?: boolean
  max?: number
  onChange: (words: string) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(attributes) => (
        <TextArea
          {...attributes}
          ref={ref}
          required={required}
          maxLength={max}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

'use client'
import { Field, TextArea } from '#components/ui/field.tsx'

/** Why a run is started: kept with the run, so it is not left out. */
export function WhyField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (why: string) => void
}) {
  return (
    <Field label={label}>
      {(attributes) => (
        <TextArea
          {...attributes}
          required
          maxLength={500}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

import { Field, Select } from './field.tsx'

/** One filter of a list: everything, or one of what there is. */
export function FilterSelect<T extends string>({
  label,
  all,
  value,
  choices,
  wordsOf,
  onChange,
}: {
  label: string
  /** What it says where nothing is chosen. */
  all: string
  value: string | undefined
  choices: readonly T[]
  wordsOf: (choice: T) => string
  /** Empty where everything is meant. */
  onChange: (choice: string) => void
}) {
  return (
    <div className="sm:max-w-44 sm:min-w-34 sm:flex-1">
      <Field label={label}>
        {(attributes) => (
          <Select
            {...attributes}
            value={value ?? ''}
            onChange={(event) => onChange(event.target.value)}
          >
            <option value="">{all}</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {wordsOf(choice)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

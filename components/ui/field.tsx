import { type ComponentProps, type ReactNode, useId } from 'react'
import { classes } from './classes.ts'

type FieldProps = {
  label: ReactNode
  hint?: ReactNode
  error?: string
  children: (attributes: {
    id: string
    'aria-describedby'?: string
    'aria-invalid'?: true
  }) => ReactNode
}

/** A label, its input, a hint and an error, tied together for assistive technology. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint ? (
        <p id={`${id}-hint`} className="text-[0.87rem] text-muted">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-[0.87rem] font-medium text-bad">
          {error}
        </p>
      ) : null}
    </div>
  )
}

const control =
  'w-full rounded-lg border border-line-strong bg-surface px-3 text-ink aria-invalid:border-bad disabled:opacity-60'

export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={classes(control, 'h-10', className)} {...rest} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={classes(control, 'min-h-24 py-2', className)} {...rest} />
}

/** The platform's own select: keyboard, touch and screen reader work as people know them. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={classes(control, 'h-10', className)} {...rest} />
}

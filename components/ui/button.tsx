import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { classes } from './classes.ts'

const looks = {
  primary: 'bg-accent text-on-accent not-disabled:hover:bg-accent-strong border-transparent',
  plain: 'bg-surface text-ink not-disabled:hover:bg-raised border-line-strong',
  quiet: 'bg-transparent text-ink not-disabled:hover:bg-raised border-transparent',
  danger: 'bg-surface text-bad not-disabled:hover:bg-bad-soft border-bad',
} as const

export type ButtonProps = ComponentProps<'button'> & {
  look?: keyof typeof looks
  size?: 'small' | 'normal'
  /** The child is the element (a link), dressed as a button. */
  asChild?: boolean
  /** True while its act is under way: it stays focusable and says so. */
  busy?: boolean
}

export function Button({
  look = 'plain',
  size = 'normal',
  asChild,
  busy,
  className,
  disabled,
  onClick,
  ...rest
}: ButtonProps) {
  const Element = asChild ? Slot.Root : 'button'
  return (
    <Element
      type={asChild ? undefined : 'button'}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      disabled={disabled}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(
        'inline-flex items-center justify-center gap-2 rounded-lg border font-medium whitespace-nowrap transition-colors',
        'disabled:opacity-50 disabled:cursor-not-allowed aria-busy:opacity-60 print:hidden',
        size === 'small' ? 'h-8 px-2.5 text-[0.87rem]' : 'h-10 px-4',
        looks[look],
        className,
      )}
      {...rest}
    />
  )
}

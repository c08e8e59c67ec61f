'use client'
import dynamic from 'next/dynamic'
import { cloneElement, type ReactElement, useState } from 'react'
import type { ButtonProps } from './button.tsx'
import type { ConfirmWindowProps } from './confirm-window.tsx'

const loadWindow = () => import('./confirm-window.tsx').then((m) => m.ConfirmWindow)
/** It is large, and comes when somebody is about to open it. */
const ConfirmWindow = dynamic(loadWindow)

/** Asks once before an act that weighs something, and says what it does; one without `trigger` is opened from outside. */
export function ConfirmDialog({
  trigger,
  open,
  onOpenChange,
  ...window
}: Omit<ConfirmWindowProps, 'onClose'> & {
  trigger?: ReactElement<ButtonProps>
  open?: boolean
  onOpenChange?: (open: boolean) => void
}) {
  const [own, setOwn] = useState(false)
  const isOpen = open ?? own
  const change = onOpenChange ?? setOwn
  const soon = () => void loadWindow()
  return (
    <>
      {trigger
        ? cloneElement(trigger, {
            'aria-haspopup': 'dialog',
            'aria-expanded': isOpen,
            onClick: () => change(true),
            onPointerEnter: soon,
            onFocus: soon,
          })
        : null}
      {isOpen ? <ConfirmWindow {...window} onClose={() => change(false)} /> : null}
    </>
  )
}

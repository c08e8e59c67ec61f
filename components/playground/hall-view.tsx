'use client'
import { AArrowDown, AArrowUp, Maximize, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { Button } from '#components/ui/button.tsx'
import { hallSizes } from './hall-size.ts'

/**
 * The page as a hall sees it: question, thought and answer alone, as large as the last row needs. Everything with the
 * variant `hall:` (globals.css) answers to it. + and − change the size; the screen does not go to sleep.
 */
export function HallView({
  size,
  onSize,
}: {
  size: number
  onSize: (size: number | undefined) => void
}) {
  const t = useTranslations('playground.hall')
  const at = hallSizes.indexOf(size)
  const smaller = hallSizes[at - 1]
  const larger = hallSizes[at + 1]

  useEffect(() => {
    const root = document.documentElement
    root.dataset.hall = ''
    root.style.fontSize = `${size}px`
    return () => {
      delete root.dataset.hall
      root.style.fontSize = ''
    }
  }, [size])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '+' && larger) onSize(larger)
      if (event.key === '-' && smaller) onSize(smaller)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [larger, smaller, onSize])

  useEffect(() => {
    // Where there is no such thing, or the battery is low, the screen sleeps as it always does.
    const lock = navigator.wakeLock?.request('screen').catch(() => undefined)
    return () => void lock?.then((held) => held?.release())
  }, [])

  return (
    <div
      role="toolbar"
      aria-label={t('label')}
      // As small as ever, whatever the size of the text.
      style={{ zoom: 16 / size }}
      className="fixed right-4 bottom-4 z-40 flex gap-1 rounded-lg border border-line bg-surface p-1 shadow-lg"
    >
      <Tool label={t('smaller')} disabled={!smaller} onClick={() => smaller && onSize(smaller)}>
        <AArrowDown className="size-6" aria-hidden />
      </Tool>
      <Tool label={t('larger')} disabled={!larger} onClick={() => larger && onSize(larger)}>
        <AArrowUp className="size-6" aria-hidden />
      </Tool>
      <Tool label={t('full')} onClick={fillScreen}>
        <Maximize className="size-5" aria-hidden />
      </Tool>
      <Tool label={t('leave')} onClick={() => onSize(undefined)}>
        <X className="size-6" aria-hidden />
      </Tool>
    </div>
  )
}

function Tool({
  label,
  disabled,
  onClick,
  children,
}: {
  label: string
  disabled?: boolean
  onClick: () => void
  children: ReactNode
}) {
  return (
    <Button
      size="small"
      look="quiet"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </Button>
  )
}

function fillScreen(): void {
  const filled = document.fullscreenElement !== null
  // A browser that does not want to says so by itself.
  void (filled ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(
    () => {},
  )
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select')
}

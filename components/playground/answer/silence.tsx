'use client'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'

const toldAfterSeconds = 10

/** Says that nothing has come for a while, and for how long: the model may still be at work, or the way here be cut. */
export function Silence({ sinceMs, connected }: { sinceMs: number; connected: boolean }) {
  const t = useTranslations('conversations')
  const [seconds, setSeconds] = useState(0)

  useEffect(() => {
    const look = () => setSeconds(Math.floor((performance.now() - sinceMs) / 1000))
    look()
    const timer = setInterval(look, 1000)
    return () => clearInterval(timer)
  }, [sinceMs])

  if (seconds < toldAfterSeconds) return null
  return (
    <p className="rounded-card bg-warn-soft px-4 py-2 text-warn tabular-nums">
      {t(connected ? 'silence' : 'cut', { seconds })}
    </p>
  )
}

'use client'
import { useFormatter, useNow } from 'next-intl'

/** "3 minutes ago", the exact instant on hover and for machines. */
export function Timestamp({ at }: { at: string }) {
  const format = useFormatter()
  const now = useNow({ updateInterval: 15_000 })
  const date = new Date(at)
  return (
    <time
      dateTime={at}
      title={format.dateTime(date, { dateStyle: 'medium', timeStyle: 'long' })}
      suppressHydrationWarning
    >
      {format.relativeTime(
        date,
        now < date && date.getTime() - now.getTime() < 60_000 ? date : now,
      )}
    </time>
  )
}

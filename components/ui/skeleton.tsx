/** The shape of what is being loaded. `label` is what a screen reader hears. */
export function Skeleton({ rows = 3, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="h-5 animate-pulse-soft rounded bg-raised" />
      ))}
    </div>
  )
}

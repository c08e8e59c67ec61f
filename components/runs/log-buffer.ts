import type { LogLine } from '#server/domain/views.ts'

export type NumberedLine = LogLine & { number: number }

/** Lines as they came, numbered from 1. Appending costs what is appended: nothing that is there is touched again. */
export type LogBuffer = {
  append(lines: readonly LogLine[]): void
  clear(): void
  lines(): readonly NumberedLine[]
  /** Changes whenever the lines do; what React compares. */
  version(): number
  subscribe(listener: () => void): () => void
}

/** `schedule` decides when listeners hear: once per frame in a browser, so that a flood of lines is one render. */
export function createLogBuffer(schedule: (notify: () => void) => void): LogBuffer {
  let lines: NumberedLine[] = []
  let version = 0
  let scheduled = false
  const listeners = new Set<() => void>()

  function changed() {
    if (scheduled) return
    scheduled = true
    schedule(() => {
      scheduled = false
      version++
      for (const listener of listeners) listener()
    })
  }

  return {
    append(added) {
      for (const line of added) lines.push({ ...line, number: lines.length + 1 })
      if (added.length > 0) changed()
    },
    clear() {
      lines = []
      changed()
    },
    lines: () => lines,
    version: () => version,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Of each frame, what may go into new formulas: the rest is for whoever types. */
const frameMsMax = 6

const due = new Map<object, () => void>()
let isScheduled = false

/**
 * Writes to the page with the next frame, all writes of a frame together, so that it is laid out once. What does not
 * fit into a frame waits for another; a newer write of the same place takes the place of the older.
 */
export function inNextFrame(place: object, write: () => void): void {
  if (!isScheduled) requestAnimationFrame(writeDue)
  isScheduled = true
  due.delete(place)
  due.set(place, write)
}

/** Writes at once; an older write of the same place that still waits for its frame is dropped. */
export function writeNow(place: object, write: () => void): void {
  due.delete(place)
  write()
}

function writeDue(startedMs: number): void {
  const deadlineMs = Math.max(startedMs, performance.now()) + frameMsMax
  for (const [place, write] of due) {
    due.delete(place)
    write()
    if (performance.now() > deadlineMs) break
  }
  isScheduled = due.size > 0
  if (isScheduled) requestAnimationFrame(writeDue)
}

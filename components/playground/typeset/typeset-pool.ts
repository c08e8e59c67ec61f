import type { RenderLabels } from '#server/playground/typeset/render-markdown.ts'

/** A worker as far as the pool needs one: it says `ready`, then answers every message with `{ html }`. */
export type TypesetWorker = Pick<Worker, 'postMessage' | 'terminate'> & {
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export type TypesetPool = {
  /**
   * Typesets the text for a place on the page. A newer job of a place replaces its waiting one, and the newest place
   * comes first: it is where the reader is. `done` gets undefined where the text cannot be typeset. Results of a place
   * arrive in the order of its jobs, at once where the text was typeset before: one that a newer has overtaken is dropped.
   */
  typeset(place: object, text: string, done: (html: string | undefined) => void): void
  /** The place is gone: what waits for it is dropped. */
  forget(place: object): void
}

type Job = { place: object; order: number; text: string; done: (html: string | undefined) => void }
type Desk = {
  worker: TypesetWorker
  ready: boolean
  job: Job | undefined
  late?: ReturnType<typeof setTimeout>
}

const defaults = { workersMax: 2, jobMsMax: 3000, cacheCharsMax: 6_000_000 }
/** A worker that cannot even be loaded is not tried for ever. */
const failuresMax = 20

/**
 * At most two workers, one job at a time each. One that is caught in a formula is ended, and its text stays as written;
 * the time that it takes to load is not the formula's.
 */
export function createTypesetPool(
  createWorker: () => TypesetWorker,
  labels: RenderLabels,
  { workersMax, jobMsMax, cacheCharsMax } = defaults,
): TypesetPool {
  const waiting = new Map<object, Job>()
  const desks: Desk[] = []
  const cache = new Map<string, string>()
  /** Of each place, the newest job whose result was delivered. */
  const delivered = new WeakMap<object, number>()
  let jobs = 0
  let cachedChars = 0
  let failures = 0

  function keep(text: string, html: string) {
    if (cache.has(text)) return
    cache.set(text, html)
    cachedChars += text.length + html.length
    for (const [old, oldHtml] of cache) {
      if (cachedChars <= cacheCharsMax) break
      cache.delete(old)
      cachedChars -= old.length + oldHtml.length
    }
  }

  function open(): Desk {
    const worker = createWorker()
    const desk: Desk = { worker, ready: false, job: undefined }
    worker.onmessage = ({ data }) => {
      if (data === 'ready') {
        desk.ready = true
        next()
      } else finish(desk, data.html)
    }
    worker.onerror = () => replace(desk)
    desks.push(desk)
    return desk
  }

  function finish(desk: Desk, html: string | undefined) {
    clearTimeout(desk.late)
    const { job } = desk
    desk.job = undefined
    if (job) {
      if (html !== undefined) keep(job.text, html)
      deliver(job, html)
    }
    next()
  }

  function deliver({ place, order, done }: Omit<Job, 'text'>, html: string | undefined) {
    if (order < (delivered.get(place) ?? 0)) return
    delivered.set(place, order)
    done(html)
  }

  function replace(desk: Desk) {
    desk.worker.terminate()
    desks.splice(desks.indexOf(desk), 1)
    failures++
    finish(desk, undefined)
  }

  function next() {
    while (waiting.size > 0) {
      const desk = desks.find(({ ready, job }) => ready && !job)
      if (!desk) {
        if (
          desks.every(({ ready }) => ready) &&
          desks.length < workersMax &&
          failures < failuresMax
        )
          open()
        return
      }
      const job = [...waiting.values()].at(-1)
      if (!job) return
      waiting.delete(job.place)
      desk.job = job
      desk.late = setTimeout(() => replace(desk), jobMsMax)
      desk.worker.postMessage({ text: job.text, labels })
    }
  }

  return {
    typeset(place, text, done) {
      waiting.delete(place)
      const job = { place, order: ++jobs, text, done }
      const html = cache.get(text)
      if (html === undefined) {
        waiting.set(place, job)
        return next()
      }
      // Reading it keeps it.
      cache.delete(text)
      cache.set(text, html)
      deliver(job, html)
    },
    forget: (place) => void waiting.delete(place),
  }
}

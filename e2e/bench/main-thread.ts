import { percentile, rounded } from './numbers.ts'

/** Tasks of a page's main thread, those of a millisecond and more: below lies what every idle page does. */
export type Tasks = { count: number; p50Ms: number; p95Ms: number; maxMs: number; over50Ms: number }

type TraceEvent = {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  args?: { name?: string; data?: { frames?: { processId?: number }[] } }
}

const tellableMs = 1

/** Reads what Chromium traced (categories `toplevel` and `devtools.timeline`) of the one page that was open. */
export function tasksOf(trace: Buffer): Tasks {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString('utf8'))
  const page = traceEvents
    .find(({ name }) => name === 'TracingStartedInBrowser')
    ?.args?.data?.frames?.find(({ processId }) => processId)?.processId
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .filter(({ pid }) => page === undefined || pid === page)
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const times = traceEvents
    .filter(
      ({ name, ph, pid, tid }) => /RunTask$/.test(name) && ph === 'X' && main.has(`${pid} ${tid}`),
    )
    .map(({ dur = 0 }) => dur / 1000)
    .filter((ms) => ms >= tellableMs)
  return {
    count: times.length,
    p50Ms: rounded(percentile(times, 0.5)),
    p95Ms: rounded(percentile(times, 0.95)),
    maxMs: rounded(Math.max(0, ...times)),
    over50Ms: times.filter((ms) => ms > 50).length,
  }
}

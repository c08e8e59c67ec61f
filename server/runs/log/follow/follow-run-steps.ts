import { Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { followLog } from '#server/platform/kube/log/follow-log.ts'
import type { LogCursor, ReadLine } from '#server/platform/kube/log/log-lines.ts'
import { backoffMs, pause } from '#server/platform/time/backoff.ts'
import { type LogEntry, piecesOf } from '#server/runs/model/log-entry.ts'
import { type RedactionState, type Redactor, withoutLastWord } from '#server/runs/model/redact.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { StepView } from '#server/runs/views/run.ts'
import { runState, runView } from '#server/runs/views/run-view.ts'
import type { ReadPlace } from './log-freshness.ts'

/** The run as it is known now, and a wait for it to become something else. */
export type WatchedRun = {
  /** Undefined where it is gone. */
  current(): TaskRun | undefined
  /** The last that was known of it. */
  last(): TaskRun
  changed(signal: AbortSignal): Promise<void>
}

/**
 * After a line of one step of one attempt, both counted from 0, in the pod of this uid; `at` is empty before its first
 * line. `redaction`: what its redactor has to know to go on.
 */
export type StepPosition = LogCursor & {
  attempt: number
  step: number
  pod?: string
  redaction: RedactionState
}

/** What is read of a log: its secrets are taken out before anybody else sees it. */
export type ReadLogOptions = {
  kube: Kube
  watched: WatchedRun
  redactor: (before?: RedactionState) => Redactor
  signal: AbortSignal
  from?: StepPosition
  /** Its container may be started again in its pod. */
  restarts?: boolean
  /** A container that has ended is waited for until its run is over: its pod may be replaced. */
  untilOver?: boolean
  /** Told where it is read on. */
  reached?: (place: ReadPlace) => void
}

/** `at` is undefined where the entries hold no line. */
export type LogBatch = { entries: LogEntry[]; at: StepPosition | undefined }

/**
 * The log of all steps, one after the other as they run, until the run has ended. Each attempt has a pod of its own, and
 * is read to its end before the next; a step whose log went with its pod leaves a gap. Where a pod was deleted and Tekton
 * made another one of the same name, that is marked, and the steps of the new one follow from its first.
 */
export async function* followRunSteps(options: ReadLogOptions): AsyncGenerator<LogBatch> {
  const { watched, signal } = options
  let place = options.from
  let attempt = place?.attempt ?? 0
  let next = place?.step ?? 0
  let uid = place?.pod
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return yield* goneWith(watched.last(), { attempt, step: next })
    const past = run.status?.retriesStatus?.[attempt]
    const { pod, steps } = attemptOf(run, attempt)
    const found = pod ? await podUid(options, run, pod) : undefined
    if (uid && found && found !== uid) {
      const step = (steps[next] ?? steps[0])?.name ?? ''
      yield replacedBy(found, { attempt, step }, options.redactor)
      next = 0
      place = undefined
    }
    uid = found ?? uid
    options.reached?.({ attempt, step: next, pod: uid })
    const step = steps[next]
    // A pod that was deleted while its run goes on is replaced.
    const isComing = uid !== undefined && !found && !past && !isOver(run)
    if (step && hasBegun(step) && !isComing) {
      const namespace = run.metadata.namespace ?? ''
      const where = { namespace, name: pod, uid, attempt, step: next }
      const ended = followContainer({ ...options, from: place }, where, step.name, step.container)
      for await (const batch of ended) {
        if (mayHaveWritten(steps, next) || batch.at) yield batch
      }
      place = undefined
      next++
    } else if (!past && !isOver(run)) {
      await changedSince(watched, run, signal)
    } else if (next + 1 < steps.length) {
      // Skipped steps never wrote; a step may stand behind one that was skipped.
      place = undefined
      next++
    } else if (past) {
      attempt++
      next = 0
      place = undefined
      uid = undefined
    } else return
  }
}

/** At once where it has changed while something else was waited for. */
export async function changedSince(
  watched: WatchedRun,
  run: TaskRun,
  signal: AbortSignal,
): Promise<void> {
  if (watched.current() === run) await watched.changed(signal)
}

const retry = { baseMs: 100, maxMs: 2_000 }
/** As long as an API server may be away without a log failing: half a minute. */
const askedMax = 20

/** Of the pod of a run that has this name now, if any; asked until there is an answer. */
export async function podUid(
  { kube, signal }: ReadLogOptions,
  run: TaskRun,
  name: string,
): Promise<string | undefined> {
  const ref = { namespace: run.metadata.namespace ?? '', name }
  for (let failures = 0; ; failures++) {
    try {
      return (await kube.find(Pod, ref))?.metadata.uid
    } catch (error) {
      if (signal.aborted || failures >= askedMax) throw error
      await pause(backoffMs(failures, retry.baseMs, retry.maxMs), signal)
    }
  }
}

/** The mark between the logs of two pods of one attempt. */
export function replacedBy(
  pod: string,
  { attempt, step }: { attempt: number; step: string },
  redactor: ReadLogOptions['redactor'],
): LogBatch {
  return {
    entries: [{ ...headOf(step, attempt), reason: 'pod-replaced' }],
    at: { attempt, step: 0, pod, at: '', count: 0, redaction: redactor().state() },
  }
}

function attemptOf(run: TaskRun, attempt: number): { pod: string; steps: StepView[] } {
  const past = run.status?.retriesStatus?.[attempt]
  const tried = past ? { ...run, status: past } : run
  const pod = tried.status?.podName ?? ''
  return { pod, steps: pod === '' ? [] : runView(tried).steps }
}

/** Of the steps that are cancelled with a run, only the first was at work: the others waited for their turn. */
function mayHaveWritten(steps: StepView[], index: number): boolean {
  return !steps.slice(0, index).some(({ state }) => state === 'cancelled')
}

/** What was not read before the run was gone, its pods with it: their names may be another run's by now. */
function* goneWith(run: TaskRun, from: ReadPlace): Generator<LogBatch> {
  const attempts = run.status?.retriesStatus?.length ?? 0
  for (let attempt = from.attempt; attempt <= attempts; attempt++) {
    const { steps } = attemptOf(run, attempt)
    const first = attempt === from.attempt ? from.step : 0
    for (const [index, step] of steps.entries()) {
      if (index < first || !hasBegun(step) || !mayHaveWritten(steps, index)) continue
      yield { entries: [{ ...headOf(step.name, attempt), reason: 'pod-gone' }], at: undefined }
    }
  }
}

/** What every entry of an attempt says of where it is from. */
function headOf(step: string, attempt: number): { step: string; attempt?: number } {
  return { step, ...(attempt > 0 ? { attempt: attempt + 1 } : {}) }
}

/** One container's log, in pieces, without its secrets. */
export async function* followContainer(
  { kube, redactor, signal, from, restarts }: ReadLogOptions,
  where: { namespace: string; name: string; uid?: string; attempt: number; step: number },
  step: string,
  container: string,
): AsyncGenerator<LogBatch> {
  const { attempt } = where
  const head = headOf(step, attempt)
  const redact = redactor(from?.redaction)
  const cursor = from?.at ? from : undefined
  const parts = followLog(kube, where, { container, from: cursor, restarts, signal })
  for await (const part of parts) {
    if (part.type === 'gap') {
      yield { entries: [{ ...head, reason: part.reason }], at: undefined }
      continue
    }
    const entries = part.lines
      .map(safelyCut)
      .flatMap(({ text, ...line }) => piecesOf({ ...head, ...line, text: redact.line(text) }))
    const end = part.lines.at(-1)
    const { at = '', count = 0 } = end ?? {}
    yield {
      entries,
      at: end && {
        attempt,
        step: where.step,
        pod: where.uid,
        at,
        count,
        redaction: redact.state(),
      },
    }
  }
}

function safelyCut(line: ReadLine): ReadLine {
  if (!line.cut) return line
  const text = withoutLastWord(line.text)
  return { ...line, text, cut: line.cut + Buffer.byteLength(line.text.slice(text.length)) }
}

/** Its container has started its own work, or has ended after it did. */
function hasBegun({ state, startedAt }: StepView): boolean {
  return state === 'running' || (startedAt !== undefined && state !== 'skipped')
}

function isOver(run: TaskRun): boolean {
  const state = runState(run)
  return state !== 'pending' && state !== 'running'
}

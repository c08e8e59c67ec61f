import { Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { type LogCursor, lineNumberer, nanosOf } from '#server/platform/kube/log/log-lines.ts'
import { lineSplitter } from '#server/platform/kube/log/split-lines.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { pause } from '#server/platform/time/backoff.ts'
import type { ChangeSignal } from '#server/platform/time/change-signal.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { runView } from '#server/runs/views/run-view.ts'
import type { StepPosition } from './follow-run-steps.ts'

/** Where a log is read now: attempt and step, both counted from 0, in the pod of this uid. */
export type ReadPlace = { attempt: number; step: number; pod?: string }

export type LogFreshness = {
  reached(place: ReadPlace): void
  read(position: StepPosition | undefined): void
  /** True once all is read that was written when this was asked; false where nobody can say. */
  caughtUp(): Promise<boolean>
}

const askEveryMs = 250
const tailLines = 20
const entryBytesMax = 16 * 1024

/**
 * Whether a log that is followed was read as far as it is written: a stream that says nothing may be quiet, or late. The
 * kubelet is asked for its last lines, once for all who want to know, and now and then.
 */
export function createLogFreshness(of: {
  kube: Kube
  /** One sidecar or init container in place of the steps. */
  container: string | undefined
  run: () => TaskRun | undefined
  isOver: () => boolean
  wake: ChangeSignal
  signal: AbortSignal
}): LogFreshness {
  const { kube, container, run, isOver, wake, signal } = of
  let place: ReadPlace = { attempt: 0, step: 0 }
  let position: StepPosition | undefined
  let asking: Promise<boolean> | undefined
  let following: Promise<boolean> | undefined
  let askedMs = Number.NEGATIVE_INFINITY

  async function ask(): Promise<boolean> {
    const restMs = askedMs + askEveryMs - performance.now()
    if (restMs > 0) await pause(restMs, signal)
    askedMs = performance.now()
    const end = await endOf().catch(() => 'unknown' as const)
    if (end === 'unknown') return isOver()
    while (end && isBehind(end) && !isOver() && !signal.aborted) await wake.next(signal)
    return true
  }

  /** The last line of the attempt that runs now, in any container that is not read to its end. */
  async function endOf(): Promise<StepPlace | 'unknown' | undefined> {
    const { metadata, status, ...rest } = run() ?? { metadata: undefined, status: undefined }
    const attempt = status?.retriesStatus?.length ?? 0
    if (!metadata || place.attempt !== attempt) return 'unknown'
    if (!status?.podName) return undefined
    const pod = { namespace: metadata.namespace ?? '', name: status.podName }
    const { pod: uid } = place
    if (uid && (await kube.find(Pod, pod))?.metadata.uid !== uid) return 'unknown'
    const steps = container
      ? [container]
      : runView({ ...rest, metadata, status } as TaskRun).steps.map((one) => one.container)
    const from = place.step
    const ends = await Promise.all(
      steps.slice(from).map((one) => newestLine(kube, pod, one, signal)),
    )
    // Where nothing is left of what was read already, the file is another one.
    const isHere = position?.attempt === attempt && position.step === from
    if (ends.length === 0 || ends.includes('unknown') || (isHere && !ends[0])) return 'unknown'
    const last = ends.findLastIndex((end) => end !== undefined)
    const end = ends[last]
    return end && end !== 'unknown' ? { attempt, step: from + last, pod: uid, ...end } : undefined
  }

  function isBehind(end: StepPlace): boolean {
    // What was asked of a pod that was replaced since is read.
    if (place.pod !== end.pod) return false
    if (place.attempt !== end.attempt) return place.attempt < end.attempt
    if (place.step !== end.step) return place.step < end.step
    if (position?.attempt !== end.attempt || position.step !== end.step) return true
    const [read = 0n, wanted = 0n] = [nanosOf(position.at), nanosOf(end.at)]
    return read === wanted ? position.count < end.count : read < wanted
  }

  return {
    reached(next) {
      const isSame = next.attempt === place.attempt && next.step === place.step
      if (isSame && next.pod === place.pod) return
      place = next
      wake.notify()
    },
    read(next) {
      position = next ?? position
    },
    caughtUp() {
      // One that is under way began before this was asked.
      if (asking) {
        following ??= asking.then(() => {
          asking = following
          following = undefined
          return ask()
        })
        return following
      }
      asking = ask()
      const one = asking
      void one.then(() => {
        if (asking === one) asking = undefined
      })
      return one
    },
  }
}

type StepPlace = LogCursor & ReadPlace

/** Undefined where there is none yet. */
async function newestLine(
  kube: Kube,
  pod: { namespace: string; name: string },
  container: string,
  signal: AbortSignal,
): Promise<LogCursor | 'unknown' | undefined> {
  const splitter = lineSplitter(2 * tailLines * entryBytesMax)
  const number = lineNumberer(undefined)
  let lines = 0
  let bytes = 0
  let last: LogCursor | undefined
  const take = (line: Parameters<typeof number>[0]) => {
    const { at, count } = number(line)
    last = { at, count }
    lines++
  }
  try {
    const options = { container, tailLines, timestamps: true, signal }
    for await (const chunk of kube.followLog(pod, options)) {
      bytes += chunk.length
      splitter.push(chunk).forEach(take)
    }
  } catch (error) {
    // Not started, or gone with its pod: nothing more can be read of it.
    const isNothing = error instanceof AppError && /^(bad-request|not-found)$/.test(error.code)
    return isNothing ? undefined : 'unknown'
  }
  const rest = splitter.rest()
  if (rest) take(rest)
  // Of a line in many pieces only the last ones came, with a later time than its own.
  return lines === 1 && bytes > (tailLines - 1) * entryBytesMax ? 'unknown' : last
}

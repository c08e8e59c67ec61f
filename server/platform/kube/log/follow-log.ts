import { type ContainerStatus, Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { backoffMs, pause } from '#server/platform/time/backoff.ts'
import {
  type LogCursor,
  lineNumberer,
  nanosOf,
  type ReadLine,
  type Resumed,
  resumeAfter,
  sinceTimeOf,
  timestampIn,
} from './log-lines.ts'
import { lineSplitter, type RawLine } from './split-lines.ts'

export type LogPart =
  | { type: 'lines'; lines: ReadLine[] }
  /**
   * Lines that can no longer be had: the file was rotated, the pod is gone before its log was read, or the kubelet has no
   * file of the container any more.
   */
  | { type: 'gap'; reason: 'rotated' | 'pod-gone' | 'unreadable' }

export type FollowOptions = {
  container: string
  /** The last line that the reader has; only what comes after it is given. */
  from?: LogCursor
  /** False: what is there now, then the end. */
  follow?: boolean
  /**
   * The container may be started once more in the same pod, and the kubelet then shows the new one's log: Tekton ends
   * sidecars so, by another image. What the one before said is read first.
   */
  restarts?: boolean
  signal: AbortSignal
}

/** With a uid, a pod of that name that came later is another one, and this one is gone. */
type Target = { namespace: string; name: string; uid?: string }

const lineBytesMax = 1024 * 1024 + 64
const retry = { baseMs: 100, maxMs: 2_000 }
/** Of a container that has ended: so often the kubelet may answer in its own words before its log counts as lost. */
const refusalsMax = 5
/** As kubelet and container runtimes begin them (kubelet/kuberuntime/logs). */
const kubeletError = /^(failed to |unable to |error |rpc error)/i
const undecidedMs = 3_000

/**
 * The lines of one container, in batches as they arrive, until it has ended; each line once, however often the way to
 * the kubelet is cut. Waits for a container that has not started. Fails only where asking again cannot help.
 */
export async function* followLog(
  kube: Kube,
  pod: Target,
  { container, from, follow = true, restarts = false, signal }: FollowOptions,
): AsyncGenerator<LogPart> {
  const place: Place = { cursor: from }
  /** So many starts before the one that runs now are read to their end. */
  let read = 0
  let failures = 0
  let refusals = 0
  let last = !follow
  let whole = false
  while (!signal.aborted) {
    const before = place.cursor
    place.refused = false
    try {
      await expectSame(kube, pod)
      const started = restarts ? await restartsOf(kube, pod, container) : 0
      if (started > read) {
        yield* readPrevious(kube, pod, { container, signal }, place)
        read = started
      }
      yield* readOnce(kube, pod, { container, follow: !last, signal }, place)
      if (signal.aborted) return
      if (place.refused) {
        last = last || (await hasEnded(kube, pod, container))
        if (last && ++refusals >= refusalsMax) {
          yield* place.unfinished?.() ?? []
          if (!whole) yield { type: 'gap', reason: 'unreadable' }
          return
        }
        await pause(backoffMs(refusals, retry.baseMs, retry.maxMs), signal)
        continue
      }
      refusals = 0
      if (last && (!restarts || (await restartsOf(kube, pod, container)) === read)) return
      // A read that follows ends with its container, or because somebody on the way ended it: one more read without
      // following brings what is left, the unfinished last line too.
      last = await hasEnded(kube, pod, container)
      whole = last
      if (last) continue
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof AppError && error.code === 'not-found') {
        // A pod that was deleted after its log had ended took nothing with it; of its last line the end did not come.
        yield* place.unfinished?.() ?? []
        if (!whole) yield { type: 'gap', reason: 'pod-gone' }
        return
      }
      if (isFinal(error)) throw error
      if (isWaiting(error)) {
        if (last) return
        // It may have run and ended since it was asked: one read that does not follow brings all of it, or nothing.
        last = await hasEnded(kube, pod, container).catch(() => false)
        if (last) continue
      }
    }
    failures = place.cursor === before ? failures + 1 : 0
    await pause(backoffMs(failures, retry.baseMs, retry.maxMs), signal)
  }
}

type Place = {
  cursor: LogCursor | undefined
  /** The youngest timestamp that a read came by, whether its line was new or not. */
  seen?: string
  /** The kubelet answered in its own words. */
  refused?: boolean
  /** Gives the line whose end had not come when a read that follows ended. */
  unfinished?: () => Generator<LogPart>
}

/** Fails as the API does where there is no such pod. */
async function expectSame(kube: Kube, pod: Target): Promise<void> {
  if (pod.uid === undefined) return
  const found = await kube.find(Pod, pod)
  if (found?.metadata.uid !== pod.uid) throw new AppError('not-found', 'The pod is gone.')
}

/** A name says nothing while a read is opened: another pod's log may have come by it. Its lines are younger than that pod. */
async function expectOpenedOn(kube: Kube, pod: Target, first: Uint8Array): Promise<void> {
  if (pod.uid === undefined) return
  const found = await kube.find(Pod, pod)
  if (!found || found.metadata.uid === pod.uid) return
  const written = nanosOf(timestampIn(Buffer.from(first)) ?? '')
  const created = nanosOf(found.metadata.creationTimestamp ?? '')
  if (written !== undefined && created !== undefined && written < created) return
  throw new AppError('not-found', 'The pod was replaced.')
}

/** The whole log of the start before this one; the next is then read from its beginning, unless the reader is in it already. */
async function* readPrevious(
  kube: Kube,
  pod: Target,
  what: { container: string; signal: AbortSignal },
  place: Place,
): AsyncGenerator<LogPart> {
  const reached = nanosOf(place.cursor?.at ?? '')
  place.seen = undefined
  try {
    yield* readOnce(kube, pod, { ...what, follow: false, previous: true }, place)
  } catch (error) {
    // The kubelet has thrown it away already.
    if (!(error instanceof AppError && error.code === 'bad-request')) throw error
  }
  const seen = nanosOf(place.seen ?? '')
  if (reached === undefined || (seen !== undefined && seen >= reached)) place.cursor = undefined
}

async function* readOnce(
  kube: Kube,
  pod: Target,
  what: { container: string; follow: boolean; previous?: boolean; signal: AbortSignal },
  place: Place,
): AsyncGenerator<LogPart> {
  const { container, follow, previous, signal } = what
  const { cursor } = place
  const sinceTime = cursor && sinceTimeOf(cursor)
  const resumed = cursor && resumeAfter(cursor)
  const number = lineNumberer(undefined)
  let isStamped = false
  const take = (line: RawLine): Resumed => {
    const stamp = timestampIn(line.bytes)
    // Each line of a container has a time; the kubelet's own errors come without one, with the status of a success. A
    // read that begins at a time may begin inside a line, whose time stands before it.
    if (stamp === undefined) {
      if (!cursor || isStamped || kubeletError.test(line.bytes.toString('latin1', 0, 80))) {
        place.refused = true
      }
      return { lines: [], gap: false }
    }
    isStamped = true
    if (previous) place.seen = stamp
    return resumed ? resumed.push(line) : { lines: [number(line)], gap: false }
  }
  const splitter = lineSplitter(lineBytesMax)

  function* give(parts: Resumed[]): Generator<LogPart> {
    if (parts.some((part) => part.gap)) yield { type: 'gap', reason: 'rotated' }
    const lines = parts.flatMap((part) => part.lines)
    const end = lines.at(-1)
    if (!end) return
    place.cursor = { at: end.at, count: end.count }
    yield { type: 'lines', lines }
  }

  const options = { container, follow, previous, sinceTime, timestamps: true, signal }
  const chunks = kube.followLog(pod, options)[Symbol.asyncIterator]()
  let isOpened = false
  try {
    let next = chunks.next()
    while (true) {
      if (resumed?.undecided() && (await isQuiet(next)) && !signal.aborted) {
        yield* give([resumed.settle()])
      }
      const chunk = await next
      if (chunk.done) break
      if (!isOpened) await expectOpenedOn(kube, pod, chunk.value)
      isOpened = true
      place.unfinished = undefined
      yield* give(splitter.push(chunk.value).map(take))
      next = chunks.next()
    }
  } finally {
    await chunks.return?.()
  }
  const rest = splitter.rest()
  function* end(): Generator<LogPart> {
    if (rest) yield* give([take(rest)])
    if (resumed) yield* give([resumed.settle()])
  }
  const isLine = rest && timestampIn(rest.bytes) !== undefined
  // While the container runs, the end of an unfinished line is still to come: it is read again whole.
  if (follow && (isLine || !rest)) place.unfinished = end
  else yield* end()
}

/** Whether a while passes without the promise being settled. */
async function isQuiet(next: Promise<unknown>): Promise<boolean> {
  const over = new AbortController()
  const settled = next.then(
    () => false,
    () => false,
  )
  const quiet = await Promise.race([settled, pause(undecidedMs, over.signal).then(() => true)])
  over.abort()
  return quiet
}

async function hasEnded(kube: Kube, pod: Target, container: string): Promise<boolean> {
  const found = await kube.find(Pod, pod)
  if (!found || (pod.uid !== undefined && found.metadata.uid !== pod.uid)) return true
  const { status } = found
  if (!status) return false
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true
  return statusOf(found, container)?.state?.terminated !== undefined
}

async function restartsOf(kube: Kube, pod: Target, container: string): Promise<number> {
  const found = await kube.find(Pod, pod)
  return (found && statusOf(found, container)?.restartCount) ?? 0
}

function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return statuses.find((one) => one.name === container)
}

/** The kubelet says in words, with the status of a bad request, that a container has not started. */
function isWaiting(error: unknown): boolean {
  return (
    error instanceof AppError &&
    error.code === 'bad-request' &&
    /waiting to start|does not have a host assigned|is not available/.test(error.message)
  )
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof AppError) || isWaiting(error)) return false
  return ['bad-request', 'forbidden', 'unprocessable'].includes(error.code)
}

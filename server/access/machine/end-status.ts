import { unbindRunName } from '#server/access/model/binding-names.ts'
import { type ConditionChange, timestamp } from '#server/access/model/conditions.ts'
import { unbindBackoffMs } from '#server/access/model/end-backoff.ts'
import type {
  End,
  ModelBinding,
  ModelBindingStatus,
  Retry,
} from '#server/access/model/model-binding.ts'

/** The unbind run failed: why, and when the next is due. */
export function failedEnd(end: End, why: string, now: Date): { end: End; told: ConditionChange } {
  const { attempt = 1 } = end
  const nextAt = timestamp(new Date(now.getTime() + unbindBackoffMs(attempt)))
  const failed = `${why} That was attempt ${attempt}; the next is due at ${nextAt}.`
  const message = `${failed} The gateway refuses access already.`
  return {
    end: { ...end, attempt: attempt + 1, failure: { at: timestamp(now), message: why, nextAt } },
    told: { type: 'Ready', status: 'False', reason: 'UnbindFailed', message },
  }
}

/** The next unbind run is at work: nothing is waited for any more, and why the last one failed is still known. */
export function attemptedEnd(end: End, run: string): End {
  const { nextAt: _due, ...failure } = end.failure ?? {}
  return { ...end, run, ...('message' in failure ? { failure } : {}) }
}

/** The next attempt is due now, as somebody asked; those after it keep their times. */
export function retryEndStatus(
  binding: ModelBinding,
  end: End,
  asked: Omit<Retry, 'at' | 'run'>,
  now: Date,
): ModelBindingStatus {
  const run = unbindRunName(binding, end.generation, end.attempt ?? 1)
  const at = timestamp(now)
  const failure = end.failure && { ...end.failure, nextAt: at }
  return { ...binding.status, run, retry: { ...asked, run, at }, end: { ...end, failure } }
}

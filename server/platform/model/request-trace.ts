import { sha256 } from 'js-sha256'
import { requestIdNote } from './request-id.ts'

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** As in W3C Trace Context: 32 and 16 hexadecimal digits. */
export type RequestTrace = { traceId: string; spanId: string }

/**
 * The trace of what a request causes, made from its number: whoever knows one, as the controller or somebody with a log line,
 * knows the other, and nothing else has to be stored with a binding.
 */
export function traceOfRequest(requestId: string): RequestTrace {
  const digest = sha256(requestId)
  const traceId = uuid.test(requestId)
    ? requestId.replaceAll('-', '').toLowerCase()
    : digest.slice(16, 48)
  return { traceId, spanId: digest.slice(0, 16) }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, sampled. */
export function traceparentOf(requestId: string): string {
  const { traceId, spanId } = traceOfRequest(requestId)
  return `00-${traceId}-${spanId}-01`
}

/**
 * Annotations of a TaskRun: the number of its request, and its trace, under the name from which Tekton's controller goes on with
 * one (https://github.com/tektoncd/community/blob/main/teps/0124-distributed-tracing-for-tasks-and-pipelines.md).
 */
export function runRequestNote(requestId: string | undefined): Record<string, string> {
  if (!requestId) return {}
  const carrier = JSON.stringify({ traceparent: traceparentOf(requestId) })
  return { ...requestIdNote(requestId), 'tekton.dev/taskrunSpanContext': carrier }
}

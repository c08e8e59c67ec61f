import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { type RequestTrace, traceOfRequest } from '#server/platform/model/request-trace.ts'

const tracer = trace.getTracer('bindery')
let tracing = false
/** Of the span that is being started: starting one is synchronous. */
let ids: RequestTrace | undefined

/** Set by `startTracing`. While it is off, every function here does the work and nothing else. */
export function isTracing(on: boolean): void {
  tracing = on
}

/** For the SDK's generator of ids. */
export function takeIds(which: keyof RequestTrace): string | undefined {
  return ids?.[which]
}

type Served = {
  name: string
  requestId: string
  /** Of the request, from which a caller's trace is gone on with; only what may be believed. */
  headers: IncomingHttpHeaders
  response: ServerResponse
  attributes?: Attributes
}

/**
 * Does `work` in a span that ends when it is done and the response is out. Without a caller's trace it is the root of the trace of its request,
 * `traceOfRequest`; with one it belongs there, and is linked with the other.
 */
export function traceServed<T>(served: Served, work: () => Promise<T>): Promise<T> {
  if (!tracing) return work()
  const { name, requestId, headers, response, attributes } = served
  const parent = propagation.extract(ROOT_CONTEXT, headers)
  const own = traceOfRequest(requestId)
  const isRoot = trace.getSpanContext(parent) === undefined
  const options = {
    kind: SpanKind.SERVER,
    attributes: { ...attributes, 'bindery.request_id': requestId },
    links: isRoot ? [] : [{ context: { ...own, traceFlags: TraceFlags.SAMPLED } }],
  }
  ids = isRoot ? own : undefined
  const span = tracer.startSpan(name, options, parent)
  ids = undefined
  const closed = new Promise<void>((resolve) => response.once('close', resolve))
  const done = context.with(trace.setSpan(parent, span), work)
  void Promise.allSettled([closed, done]).then(() => {
    span.setAttribute('http.response.status_code', response.statusCode)
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  })
  return done
}

type Done = {
  name: string
  /** Of the request that this is done for, where it is not done in its own span. */
  requestId?: string | undefined
  kind?: 'internal' | 'client'
  attributes?: Attributes
}

/** Does `work` in a span below the present one, or below that of its request; in none where there is neither. */
export async function traced<T>(done: Done, work: () => Promise<T>): Promise<T> {
  if (!tracing) return await work()
  const parent = contextFor(done.requestId)
  if (!trace.getSpanContext(parent)) return await work()
  const kind = done.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL
  const span = tracer.startSpan(done.name, { kind, attributes: done.attributes }, parent)
  try {
    return await context.with(trace.setSpan(parent, span), work)
  } catch (error) {
    failed(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** The headers with which another server goes on with the trace: none where there is no trace. */
export function traceHeaders(requestId?: string): Record<string, string> {
  const headers: Record<string, string> = {}
  if (tracing) propagation.inject(contextFor(requestId), headers)
  return headers
}

/** Adds to the span that the caller is in. */
export function describeSpan(attributes: Attributes): void {
  if (tracing) trace.getActiveSpan()?.setAttributes(attributes)
}

function contextFor(requestId: string | undefined): Context {
  const active = context.active()
  if (trace.getSpanContext(active) || !requestId) return active
  const remote = { ...traceOfRequest(requestId), traceFlags: TraceFlags.SAMPLED, isRemote: true }
  return trace.setSpanContext(active, remote)
}

function failed(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, 500) })
}

import type { BindingView } from '#server/access/views/binding.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

/**
 * Server-sent events, one grammar for everything that is live. Each has an `id:` that a reconnecting browser sends
 * back as `Last-Event-ID`. `bye` asks the client to reconnect (maximum life reached, or the server drains); `failed` is final and
 * carries an ErrorBody.
 */
export type ListKind = 'services' | 'bindings' | 'runs'

export type ListViews = { services: ModelServiceView; bindings: BindingView; runs: RunView }

/** `GET /api/stream?kinds=bindings,runs`: a snapshot per kind, then changes. A snapshot may come again at any time. */
export type ListEvent = {
  [K in ListKind]:
    | { event: 'snapshot'; data: { kind: K; items: ListViews[K][] } }
    | { event: 'upsert'; data: { kind: K; item: ListViews[K] } }
    | { event: 'remove'; data: { kind: K; id: string } }
}[ListKind]

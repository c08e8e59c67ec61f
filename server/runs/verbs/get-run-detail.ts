import { stringify } from 'yaml'
import type { Context } from '#server/context.ts'
import { Event } from '#server/platform/kube/kinds.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import {
  attemptViews,
  type RunDetailView,
  type RunEventView,
  workspaceKinds,
} from '#server/runs/views/run-detail-view.ts'
import { orderedEvents } from '#server/runs/views/run-events.ts'
import { visibleRun } from './run-access.ts'

const eventsMax = 200

/** A run looked at closely, for whoever may read its log: its attempts, what the cluster said of it, what exactly ran. */
export async function getRunDetail(ctx: Context, ref: ObjectRef): Promise<RunDetailView> {
  const run = ctx.redaction.object(await visibleRun(ctx, ref, { log: true }))

  const { spec, status } = run
  const attempts = attemptViews(run)
  return {
    attempts,
    events: await eventsOf(
      ctx,
      run,
      attempts.flatMap(({ pod }) => pod ?? []),
    ),
    serviceAccount: spec.serviceAccountName,
    timeout: spec.timeout,
    retries: spec.retries ?? 0,
    workspaces: workspaceKinds(run),
    task: status?.taskSpec && stringify(status.taskSpec),
    manifest: manifestOf(run),
  }
}

async function eventsOf(ctx: Context, run: TaskRun, pods: string[]): Promise<RunEventView[]> {
  const { namespace, name, uid } = run.metadata
  const about = (kind: 'run' | 'pod', object: string) =>
    ctx.kube
      .list(Event, { namespace, fieldSelector: `involvedObject.name=${object}` })
      .then((events) => events.map((event) => ({ event, kind })))
  const found = await Promise.all([about('run', name), ...pods.map((pod) => about('pod', pod))])
  const views = found
    .flat()
    .filter(({ event, kind }) =>
      // A run of the same name that is gone has left its events behind.
      kind === 'run' ? event.involvedObject.uid === uid : event.involvedObject.kind === 'Pod',
    )
    .map(({ event, kind }) => ({
      at: event.lastTimestamp ?? event.firstTimestamp ?? event.metadata.creationTimestamp,
      about: kind,
      ...(kind === 'pod' && { pod: event.involvedObject.name }),
      warning: event.type === 'Warning',
      reason: event.reason ?? '',
      message: ctx.redaction.text(event.message ?? ''),
      count: event.count ?? 1,
    }))
  return orderedEvents(views).slice(-eventsMax)
}

function manifestOf({ apiVersion, kind, metadata, spec }: TaskRun): string {
  const { name, namespace, labels, annotations } = metadata
  return stringify({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec })
}

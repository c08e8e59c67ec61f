import { setTimeout } from 'node:timers/promises'
import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { auditSpool, type SpoolTimes } from './audit-spool.ts'
import type { AuditStore } from './audit-store.ts'
import { bindingEvents, bindingGone, runDeleted, runEvents } from './model/audit-events.ts'
import { unknownActor } from './model/audit-record.ts'

const lastWordsMs = 1_500

/**
 * Keeps the trail true to the cluster for one term: whatever a binding or run proves is on record, whoever made it so,
 * kubectl included. The database may be away: bindings do not wait for it, and what it missed is derived again.
 */
export async function runAuditReconciler(
  ctx: Pick<ControllerContext, 'kube' | 'log' | 'now' | 'signal' | 'servingNamespace'> & {
    redaction: Redaction
  },
  store: () => Pick<AuditStore, 'appendAudit' | 'auditedBindings'> | undefined,
  times?: Partial<SpoolTimes>,
): Promise<void> {
  const { kube, log, now, signal, redaction, servingNamespace: namespace } = ctx
  const eventsOf = (run: TaskRun) => runEvents(redaction.object(run))
  const ending = new AbortController()
  const bindings = sharedWatch(kube, ModelBinding, { signal })
  const runs = sharedWatch(kube, TaskRun, { namespace, signal })
  const onMissed = () => {
    for (const binding of bindings.list()) spool.note(bindingEvents(binding, now()))
    for (const run of runs.list()) spool.note(eventsOf(run))
  }
  const spool = auditSpool({ store, log, signal: ending.signal, times, onMissed })

  bindings.subscribe((event) => {
    if (event.type === 'snapshot') {
      for (const binding of event.objects) spool.note(bindingEvents(binding, now()))
    } else if (event.type === 'upsert') spool.note(bindingEvents(event.object, now()))
    else if (event.type === 'remove') spool.note([bindingGone(onOf(event.object), now())])
  }, signal)
  runs.subscribe((event) => {
    if (event.type === 'snapshot') for (const run of event.objects) spool.note(eventsOf(run))
    else if (event.type === 'upsert') spool.note(eventsOf(event.object))
    else if (event.type === 'remove' && event.object.spec.status !== 'TaskRunPending') {
      const gone = { who: unknownActor, at: now().toISOString() }
      spool.note([...eventsOf(event.object), runDeleted(event.object, gone)])
    }
  }, signal)

  async function recordVanished(): Promise<void> {
    await bindings.synced(signal)
    const known = await whenOpen()
    const there = new Set(bindings.list().map(({ metadata }) => metadata.uid))
    const vanished = known.filter(({ uid }) => !there.has(uid))
    spool.note(vanished.map((on) => bindingGone(on, now())))
  }

  /** What went away while nobody led is known from the trail alone. */
  async function whenOpen() {
    for (;;) {
      try {
        const open = store()
        if (open) return await open.auditedBindings()
      } catch (error) {
        log.warn({ err: error }, 'the audit trail cannot be read yet')
      }
      await setTimeout(2_000, undefined, { signal })
    }
  }

  recordVanished().catch((error) => {
    if (!signal.aborted) log.warn({ err: error }, 'bindings that vanished could not be recorded')
  })
  await aborted(signal)
  await spool.flush(AbortSignal.timeout(lastWordsMs))
  ending.abort()
}

function onOf({ metadata }: ModelBinding): { namespace: string; name: string; uid: string } {
  const { namespace = '', name, uid = '' } = metadata
  return { namespace, name, uid }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

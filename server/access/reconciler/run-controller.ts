import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { reconcileBinding } from '#server/access/machine/reconcile-binding.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { runAuditReconciler } from '#server/audit/audit-reconciler.ts'
import { runAuditChainVerification } from '#server/audit/verify-audit-chain.ts'
import { dispatchWebhooks, type NoticeOptions } from '#server/notices/dispatch-webhooks.ts'
import { EndpointSlice, Namespace, Pod, Service } from '#server/platform/kube/kinds.ts'
import { lead } from '#server/platform/kube/watch/leader.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { workQueue } from '#server/platform/kube/watch/work-queue.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { controllerLease } from '#server/platform/model/names.ts'
import { removeExpiredRows } from '#server/platform/postgres/remove-expired-rows.ts'
import type { RetentionDays } from '#server/platform/postgres/table-retention.ts'
import { type ArchiveContext, archiveLogs } from '#server/runs/log/archive/archive-logs.ts'
import { type Redaction, redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { lookBehindGateways } from '#server/serving/reconciler/look-behind-gateways.ts'
import { refreshServiceStatus } from '#server/serving/reconciler/refresh-service-status.ts'
import type { Store } from '#server/store.ts'
import { createBindingStateCache } from './binding-state-cache.ts'
import { collectOrphans } from './collect-orphans.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { watchOwnObjects } from './own-objects.ts'
import { readyAddresses } from './ready-addresses.ts'
import { removeFinishedRuns } from './remove-finished-runs.ts'
import { repairDrift } from './repair-drift.ts'
import { syncAliasSlices } from './sync-alias-slices.ts'
import { watchAliasNames } from './watch-alias-names.ts'
import { watchByBinding } from './watch-by-binding.ts'
import { watchStraySlices } from './watch-stray-slices.ts'

export type ControllerOptions = {
  /** Where the Lease stands. */
  namespace: string
  /** Unique per process: the pod's name. */
  identity: string
  leaseSeconds?: number
  metrics: ControllerMetrics
  /** Undefined while it is not open: bindings do not wait for it. Without it nothing is put on record. */
  store?: () => Store | undefined
  /** Who is told what happens to bindings, beside those who look at the page. */
  notices?: NoticeOptions
  /** After how many days rows of the database are removed. */
  retention?: RetentionDays
  /** So long the cluster keeps runs of bindings that ended and are archived; without it, for ever. */
  finishedRunsKeptMs?: number
  /** What keeps runs and their logs for longer than the cluster does. */
  archive?: Pick<ArchiveContext, 'archive' | 'limits' | 'metrics'>
  /** Rules for what is kept of runs: nothing is kept before they are known, and bindings do not wait for them. */
  redaction?: Promise<Redaction>
}

/** Leads where it may, and keeps bindings and services true while it does; until the signal aborts. */
export async function runController(
  ctx: ControllerContext,
  options: ControllerOptions,
): Promise<void> {
  const { kube, log, signal } = ctx
  const { metrics, store, notices } = options
  const { redaction = Promise.resolve(redactionBy()) } = options
  const records: Promise<void>[] = []
  await lead({
    kube,
    log,
    signal,
    name: controllerLease,
    namespace: options.namespace,
    identity: options.identity,
    leaseSeconds: options.leaseSeconds,
    run: async (signal) => {
      metrics.leads(true)
      const term = { ...ctx, signal }
      // The next leader does not wait for the last records of this one.
      if (store) records.push(runAuditChainVerification(term, store, metrics))
      if (store && notices) records.push(dispatchWebhooks(term, () => store()?.outbox, notices))
      if (store && options.retention)
        records.push(removeExpiredRows(term, () => store()?.retention, options.retention))
      records.push(keepRuns(term, options, redaction))
      await keepTrue(term, metrics).finally(() => {
        metrics.watches(undefined)
        metrics.leads(false)
      })
    },
  })
  await Promise.all(records)
}

/** What is kept of runs and bindings, from when the redaction rules are known. */
async function keepRuns(
  term: ControllerContext,
  { store, archive, finishedRunsKeptMs }: ControllerOptions,
  known: Promise<Redaction>,
): Promise<void> {
  const redaction = await Promise.race([known, aborted(term.signal)])
  if (!redaction) return
  await Promise.all([
    store && runAuditReconciler({ ...term, redaction }, store),
    archive && archiveLogs({ ...term, ...archive, redaction }),
    archive &&
      finishedRunsKeptMs !== undefined &&
      removeFinishedRuns(term, archive.archive, finishedRunsKeptMs),
  ])
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

const serviceNameLabel = 'kubernetes.io/service-name'
/** Whoever is overtaken more often has another reason. */
const overtakenMax = 3

/** One term: watches put keys into a queue, and each key is worked on from what is, whatever the event was. */
async function keepTrue(ctx: ControllerContext, metrics: ControllerMetrics): Promise<void> {
  const { kube, signal, log, servingNamespace: namespace } = ctx
  const bindings = sharedWatch(kube, ModelBinding, { signal })
  const services = sharedWatch(kube, ModelService, { namespace, signal })
  const pods = sharedWatch(kube, Pod, { namespace, signal })
  const slices = sharedWatch(kube, EndpointSlice, { namespace, signal })
  const ports = sharedWatch(kube, Service, { namespace, signal })
  const namespaces = sharedWatch(kube, Namespace, { signal })

  const gatewaySlices = (name: string) =>
    slices.list().filter((slice) => slice.metadata.labels?.[serviceNameLabel] === name)

  const failingSinceMs = new Map<string, number>()
  const allRuns = sharedWatch(kube, TaskRun, { namespace, signal })
  metrics.watches({
    bindings: () => bindings.list(),
    runs: () => allRuns.list(),
    now: () => ctx.now(),
    failingSinceMs,
  })
  const queue = workQueue({
    signal,
    concurrency: 8,
    // Whoever waits for access is not kept waiting for long after the API server is well again.
    retryMaxMs: 10_000,
    onError: (key, error, attempt) => {
      // Two are told of the same thing, and one of them writes first: the other reads what is newer.
      const isOvertaken = error instanceof AppError && error.code === 'conflict'
      if (isOvertaken && attempt <= overtakenMax)
        log.info({ key, attempt }, 'was written meanwhile')
      else log.warn({ err: error, key, attempt }, 'could not be made true yet')
    },
    process: async (key, _signal, gotOn) => {
      const [what = '', ...rest] = key.split('/')
      const startedMs = performance.now()
      let failed = true
      try {
        await work(what, rest.join('/'), () => {
          failingSinceMs.delete(key)
          gotOn()
        })
        failed = false
        failingSinceMs.delete(key)
      } finally {
        if (failed && !failingSinceMs.has(key)) failingSinceMs.set(key, startedMs)
        metrics.reconciled(what, startedMs, failed)
      }
    },
  })

  async function work(what: string, id: string, gotOn: () => void): Promise<void> {
    if (what === 'sweep') {
      await cache.known
      const again = await collectOrphans(ctx, { policies: own.policies(), bindings })
      if (again) queue.addAfter('sweep/', again.getTime() - ctx.now().getTime())
      return
    }
    if (what === 'service') return refresh(id)
    await advance(id, gotOn)
  }

  async function advance(id: string, gotOn: () => void): Promise<void> {
    await cache.known
    const { binding, until } = await reconcileBinding(ctx, refOf(id), cache.of(refOf(id)), gotOn)
    if (until) queue.addAfter(`binding/${id}`, until.getTime() - ctx.now().getTime())
    if (binding) await keep(binding)
    // What is told of a binding that is not there may be a policy that it left.
    else queue.add('sweep/')
  }

  /** What was carried out stays so: the endpoints of the alias, and everything else that was approved. */
  async function keep(binding: ModelBinding): Promise<void> {
    const service = services.get(refKey(binding.spec.modelService))
    if (!service) return
    await Promise.all([slices.synced(signal), own.synced(signal), runs.synced(signal)])
    await strays.synced(signal)
    const live = { ...own.of(binding.metadata.uid ?? ''), strays: strays.of(binding) }
    const its = () => runs.of(binding.metadata.uid ?? '')
    const { wrote, until } = await repairDrift(ctx, binding, service, live, its)
    if (until) {
      queue.addAfter(`binding/${keyOf(binding)}`, until.getTime() - ctx.now().getTime())
    }
    if (wrote) return
    await syncAliasSlices(ctx, binding, live, gatewaySlices(service.spec.service.name))
  }

  async function refresh(id: string): Promise<void> {
    await Promise.all([pods.synced(signal), slices.synced(signal), ports.synced(signal)])
    const service = await kube.find(ModelService, refOf(id))
    if (!service) return
    await refreshServiceStatus(ctx, service, {
      pods: pods.list(),
      services: ports.list(),
      gatewayReady: (name) => readyAddresses(gatewaySlices(name)).length,
      ...behind.of(id),
    })
  }

  const changed = (id: string) => queue.add(`binding/${id}`)
  const own = watchOwnObjects(kube, namespace, signal, changed)
  const runs = watchByBinding(kube, TaskRun, { namespace, signal }, changed)
  const strays = watchStraySlices(kube, bindings, signal, changed)
  const names = watchAliasNames(kube, bindings, signal, changed)
  const cache = createBindingStateCache(ctx, { bindings, services, runs, rights: own, names })
  const bindingsOf = (service?: ModelService) => {
    for (const binding of bindings.list()) {
      if (service && refKey(binding.spec.modelService) !== keyOf(service)) continue
      queue.add(`binding/${keyOf(binding)}`)
    }
  }
  const allServices = () => {
    for (const service of services.list()) queue.add(`service/${keyOf(service)}`)
  }
  const gateways = async () => {
    await Promise.all([services.synced(signal), slices.synced(signal)]).catch(() => {})
    const names = new Set(services.list().map(({ spec }) => spec.service.name))
    return [...names].flatMap((name) => readyAddresses(gatewaySlices(name)))
  }
  const behind = lookBehindGateways(gateways, allServices, { log, signal })
  onEach(bindings, signal, (binding, removed) => {
    queue.add(removed ? 'sweep/' : `binding/${keyOf(binding)}`)
  })
  // What works in a namespace that goes is not Ready any more, long before it is gone.
  onEach(namespaces, signal, ({ metadata, status }) => {
    if (!metadata.deletionTimestamp && status?.phase !== 'Terminating') return
    for (const binding of bindings.list()) {
      if (binding.metadata.namespace === metadata.name) changed(keyOf(binding))
    }
  })
  const generations = new Map<string, string>()
  onEach(services, signal, (service, removed) => {
    queue.add(`service/${keyOf(service)}`)
    // Its status is ours and changes often; bindings rest on what it is and on whether it is.
    const { uid, generation } = service.metadata
    const now = removed ? 'removed' : `${uid} ${generation}`
    if (generations.get(keyOf(service)) !== now) bindingsOf(service)
    generations.set(keyOf(service), now)
  })
  // Timers that were set before this process slept come too late.
  kube.onClockJump(bindingsOf, signal)
  onEach(pods, signal, allServices)
  onEach(ports, signal, allServices)
  onEach(slices, signal, () => {
    allServices()
    for (const binding of bindings.list()) {
      const { granted } = binding.status ?? {}
      if (granted?.strategy === 'EndpointSlice') queue.add(`binding/${keyOf(binding)}`)
    }
  })
  // What vanished while nobody led is found once per term.
  queue.add('sweep/')
  await Promise.all([queue.done, behind.done])
}

function onEach<T extends KubeObject>(
  watch: SharedWatch<T>,
  signal: AbortSignal,
  look: (object: T, removed: boolean) => void,
): void {
  watch.subscribe((event) => {
    if (event.type === 'snapshot') for (const object of event.objects) look(object, false)
    if (event.type === 'upsert') look(event.object, false)
    if (event.type === 'remove') look(event.object, true)
  }, signal)
}

function refOf(id: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = id.split('/')
  return { namespace, name }
}

function refKey(ref: { namespace: string; name: string }): string {
  return `${ref.namespace}/${ref.name}`
}

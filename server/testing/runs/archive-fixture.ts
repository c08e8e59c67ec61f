import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import { archiveLogs } from '#server/runs/log/archive/archive-logs.ts'
import type { ArchiveMetrics } from '#server/runs/log/archive/archive-metrics.ts'
import type { RunArchive } from '#server/runs/log/archive/run-archive.ts'
import { createRunLogs, type RunLogs } from '#server/runs/log/follow/run-logs.ts'
import { rowAfter } from '#server/runs/log/follow/shared-log-follower.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { databaseUrl } from '#server/testing/database-url.ts'

export const namespace = 'model-serving-prod'
export const image = 'localhost/busybox:1'

type Cluster = {
  kubeconfig: string
  issueToken(namespace: string, serviceAccount: string): Promise<string> | string
  close(): Promise<void>
}

/** A cluster in which runs run, and an archive, for all tests of a file; they are there once the first test begins. */
export function sceneOfRuns<T extends Cluster>(start: (signal: AbortSignal) => Promise<T>) {
  const ending = new AbortController()
  const log = createLog('test', 'error')
  const redaction = redactionBy()
  let cluster: T
  let kube: Kube
  let archive: RunArchive

  beforeAll(async () => {
    cluster = await start(ending.signal)
    kube = connectKube({ kubeconfigText: cluster.kubeconfig })
    archive = (await openStore(await databaseUrl(), { signal: ending.signal, log })).archive
  })

  afterAll(async () => {
    ending.abort()
    await kube?.close()
    await cluster?.close()
  })

  function asController(): Promise<Kube> {
    return as('bindery-system', 'bindery-controller')
  }

  async function as(at: string, account: string): Promise<Kube> {
    const token = await cluster.issueToken(at, account)
    const kubeconfig = parse(cluster.kubeconfig)
    for (const user of kubeconfig.users) user.user = { token }
    return connectKube({ kubeconfigText: stringify(kubeconfig) })
  }

  /** A web process, another each time: what it reads does not show where it comes from. */
  function web(signal: AbortSignal, asked = kube): RunLogs {
    const runs = sharedWatch(kube, TaskRun, { namespace, signal })
    return createRunLogs({ kube: asked, runs, archive, redaction, log, signal })
  }

  function startRun(name: string, spec: TaskRun['spec']): Promise<TaskRun> {
    return kube.create(TaskRun, {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { namespace, name, annotations: { 'bindery.dev/started-by': 'grace' } },
      spec,
    })
  }

  return {
    signal: ending.signal,
    get cluster() {
      return cluster
    },
    get kube() {
      return kube
    },
    get archive() {
      return archive
    },
    as,
    asController,

    /** A controller's term, as its ServiceAccount, until its test has ended; answers what ends it before. */
    async lead(
      kept = archive,
      more: { runBytesMax?: number } = {},
      metrics?: ArchiveMetrics,
    ): Promise<() => Promise<void>> {
      const term = new AbortController()
      const controller = await asController()
      const { signal } = term
      const limits = { runBytesMax: 64 << 20, flushMs: 20, retentionMs: 1e12, ...more }
      const context = { kube: controller, log, signal, archive: kept, redaction, limits, metrics }
      const now = () => new Date()
      const running = archiveLogs({ ...context, now, servingNamespace: namespace })
      const stop = async () => {
        if (signal.aborted) return
        term.abort()
        await running
        await controller.close()
      }
      onTestFinished(stop)
      return stop
    },

    web,
    startRun,

    /** A run whose steps are these scripts. */
    startSteps(name: string, scripts: string[], spec: TaskRun['spec'] = {}): Promise<TaskRun> {
      const steps = scripted(Object.fromEntries(scripts.map((script, at) => [`s${at}`, script])))
      return startRun(name, { ...spec, taskSpec: { steps } })
    },

    /** Waits for so many rows of a run's steps in the archive. */
    async archivedRows({ metadata }: TaskRun, atLeast: number): Promise<void> {
      const key = { uid: metadata.uid ?? '', part: 'steps' }
      const rows = async () => (await archive.findLog(key))?.rows
      await vi.waitFor(async () => expect(await rows()).toBeGreaterThanOrEqual(atLeast), 30_000)
    },

    /** All that the archive has of a run's steps, once it is whole. */
    async archived(run: TaskRun): Promise<LogRow[]> {
      const key = { uid: run.metadata.uid ?? '', part: 'steps' }
      const isWhole = async () => (await archive.findLog(key))?.complete
      await vi.waitFor(async () => expect(await isWhole()).toBe(true), 30_000)
      const rows: LogRow[] = []
      let next = 1
      for (let more = await archive.readLog(key, next); more.length > 0; ) {
        // Every row is there, or said to be missing.
        expect(more[0]?.row).toBe(next)
        rows.push(...more)
        next = rowAfter(more, next)
        more = await archive.readLog(key, next)
      }
      expect((await archive.findLog(key))?.rows).toBe(next - 1)
      return rows
    },

    /** What a web that was only just started has of it. */
    async readAll(run: TaskRun): Promise<LogRow[]> {
      const leaving = new AbortController()
      const rows: LogRow[] = []
      const readable = await web(leaving.signal).read({ run }, leaving.signal)
      for await (const page of pagesOf(readable, leaving.signal)) rows.push(...page)
      leaving.abort()
      return rows
    },
  }
}

/** Steps or sidecars that are these scripts. */
export function scripted(scripts: Record<string, string>) {
  return Object.entries(scripts).map(([name, script]) => {
    return { name, image, script: `#!/bin/sh\n${script}` }
  })
}

export function textsOf(rows: LogRow[]): string[] {
  return rows.map((row) => (isGap(row) ? `(${row.reason} ${row.rows})` : row.text))
}

import { afterAll, beforeAll } from 'vitest'
import { parse, stringify } from 'yaml'
import { TaskRun } from '#server/domain/runs/task-run.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import type { Kube } from '#server/kube/kube.ts'
import { sharedWatch } from '#server/kube/shared-watch.ts'
import { createLog } from '#server/log.ts'
import { databaseUrl } from '#server/store/database-url.ts'
import { openStore } from '#server/store/open-store.ts'
import type { RunArchive } from '#server/store/run-archive.ts'
import { keepArchive } from './keep-archive.ts'
import { redactionBy } from './redaction.ts'
import { createRunLogs, type RunLogs } from './run-logs.ts'

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

  async function asController(): Promise<Kube> {
    const token = await cluster.issueToken('bindery-system', 'bindery-controller')
    const kubeconfig = parse(cluster.kubeconfig)
    for (const user of kubeconfig.users) user.user = { token }
    return connectKube({ kubeconfigText: stringify(kubeconfig) })
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
    asController,

    /** A controller's term, as its ServiceAccount; ends it. */
    async lead(kept = archive, more: { runBytesMax?: number } = {}): Promise<() => Promise<void>> {
      const term = new AbortController()
      const controller = await asController()
      const { signal } = term
      const limits = { runBytesMax: 64 << 20, flushMs: 20, retentionMs: 1e12, ...more }
      const context = { kube: controller, log, signal, archive: kept, redaction, limits }
      const now = () => new Date()
      const running = keepArchive({ ...context, now, servingNamespace: namespace })
      return async () => {
        term.abort()
        await running
        await controller.close()
      }
    },

    /** A web process, another each time: what it reads does not show where it comes from. */
    web(signal: AbortSignal, asked = kube): RunLogs {
      const runs = sharedWatch(kube, TaskRun, { namespace, signal })
      return createRunLogs({ kube: asked, runs, archive, redaction, log, signal })
    },

    startRun(name: string, spec: TaskRun['spec']): Promise<TaskRun> {
      return kube.create(TaskRun, {
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        metadata: { namespace, name, annotations: { 'bindery.dev/started-by': 'grace' } },
        spec,
      })
    },
  }
}

/** Steps or sidecars that are these scripts. */
export function scripted(scripts: Record<string, string>) {
  return Object.entries(scripts).map(([name, script]) => {
    return { name, image, script: `#!/bin/sh\n${script}` }
  })
}

import { expect, test, vi } from 'vitest'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { Pod } from '#server/platform/kube/kinds.ts'
import { labels } from '#server/platform/model/names.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { image, namespace, sceneOfRuns, textsOf } from '#server/testing/runs/archive-fixture.ts'
import { removeOnce } from './remove-finished-runs.ts'

const scene = sceneOfRuns((signal) =>
  startCluster({
    manifests: 'manifests/overlays/embedded',
    images: { [image]: busyboxImage() },
    signal,
  }),
)

test('runs of a binding that is gone leave the cluster once they are archived whole; record and log stay', async () => {
  const run = await scene.startSteps('unbind-one', ['echo gone', 'echo proven'])
  const own = { [labels.bindingUid]: 'was-deleted', [labels.intent]: 'unbind' }
  await scene.kube.patch(TaskRun, { namespace, name: 'unbind-one' }, { metadata: { labels: own } })
  await scene.startSteps('by-a-person', ['echo stays'])
  const find = (name: string) => scene.kube.find(TaskRun, { namespace, name })
  await vi.waitFor(async () => {
    for (const name of ['unbind-one', 'by-a-person']) {
      expect((await find(name))?.status?.completionTime).toBeTruthy()
    }
  }, 60_000)

  const controller = await scene.asController()
  const ctx = {
    kube: controller,
    now: () => new Date(Date.now() + 60_000),
    signal: scene.signal,
    servingNamespace: namespace,
  }
  const remove = (keptMs = 0) => removeOnce(ctx, scene.archive, keptMs)
  expect(await remove()).toBe(0)
  const stop = await scene.lead()
  await scene.archived(run)
  await vi.waitFor(async () => {
    const parts = await scene.archive.listParts(run.metadata.uid ?? '')
    const logs = parts.map((part) => scene.archive.findLog({ uid: run.metadata.uid ?? '', part }))
    expect((await Promise.all(logs)).every((log) => log?.complete)).toBe(true)
    expect(parts.length).toBeGreaterThan(1)
  }, 30_000)
  expect(await remove(86_400_000)).toBe(0)
  expect(await remove()).toBe(1)
  expect(await find('unbind-one')).toBeUndefined()
  expect(await find('by-a-person')).toBeDefined()
  await vi.waitFor(async () => {
    const labelSelector = 'tekton.dev/taskRun=unbind-one'
    expect(await scene.kube.list(Pod, { namespace, labelSelector })).toEqual([])
    const record = await scene.archive.findRun({ namespace, name: 'unbind-one' })
    expect(record).toMatchObject({ state: 'succeeded', goneAt: expect.any(Date) })
  }, 30_000)
  expect(textsOf(await scene.readAll(run))).toEqual(['gone', 'proven'])
  await stop()
  await controller.close()
})

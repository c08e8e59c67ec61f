import { expect, onTestFinished, test, vi } from 'vitest'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { ConfigMap, Pod } from '#server/platform/kube/kinds.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import {
  image,
  namespace,
  sceneOfRuns,
  scripted,
  textsOf,
} from '#server/testing/runs/archive-fixture.ts'

const scene = sceneOfRuns((signal) =>
  startCluster({
    manifests: 'manifests/overlays/embedded',
    images: { [image]: busyboxImage() },
    signal,
  }),
)
const { lead, startRun, archived, archivedRows, readAll } = scene

/** Says which pod it is in by the time it began, then counts. */
const count = (lines: number) =>
  `at=$(date +%s%N); i=0; while [ $i -lt ${lines} ]; do echo "$at line $i"; i=$((i+1)); sleep 0.02; done`

const cases = [
  { name: 'in-its-first-step', rows: 5, replacements: 1 },
  { name: 'in-its-second-step', rows: 45, replacements: 1 },
  { name: 'twice', rows: 45, replacements: 2 },
]

test.each(cases)(
  'a pod that is replaced $name loses no line of the next one, and is marked',
  async ({ name, rows, replacements }) => {
    await lead()
    // A pod that is to be replaced does not end before.
    const gate = { name: 'gate', mountPath: '/gate' }
    const untilOpen = 'while [ ! -e /gate/open ]; do sleep 0.1; done'
    const steps = scripted({ first: count(40), second: `${count(60)}; ${untilOpen}` })
    const sidecars = scripted({ beside: 'echo up; sleep 600' })
    const taskSpec = {
      steps: steps.map((step) => ({ ...step, volumeMounts: [gate] })),
      sidecars,
      volumes: [{ name: 'gate', configMap: { name, optional: true } }],
    }
    const run = await startRun(name, { taskSpec })
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const followed = await scene.web(leaving.signal).read({ run }, leaving.signal)

    const pod = { namespace, name: '' }
    let replaced = 0
    for (let before = 0; replaced < replacements; replaced++) {
      await archivedRows(run, before + rows)
      const { status } = await scene.kube.get(TaskRun, { namespace, name })
      pod.name = status?.podName ?? ''
      const { metadata } = await scene.kube.get(Pod, pod)
      // As a node that goes away takes it: with a grace its step would end as failed, and its run with it.
      scene.cluster.client.remove('pods', namespace, pod.name, { gracePeriodSeconds: 0 })
      await vi.waitFor(async () => {
        const uid = (await scene.kube.find(Pod, pod))?.metadata.uid
        expect(uid).toBeDefined()
        expect(uid).not.toBe(metadata.uid)
      }, 60_000)
      before =
        (await scene.archive.findLog({ uid: run.metadata.uid ?? '', part: 'steps' }))?.rows ?? 0
    }

    await scene.kube.create(ConfigMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name },
      data: { open: '' },
    })

    const texts = textsOf(await archived(run))
    const logs = textsByPod(texts)
    expect(logs).toHaveLength(replacements + 1)
    const printed: string[] = []
    for (const container of ['step-first', 'step-second']) {
      let text = ''
      for await (const chunk of scene.kube.followLog(pod, { container })) {
        text += Buffer.from(chunk).toString()
      }
      printed.push(...text.trimEnd().split('\n'))
    }
    expect(printed).toHaveLength(100)
    expect(logs.at(-1)).toEqual(printed)
    for (const lines of logs.slice(0, -1)) {
      // From its first line on without a hole; what was not read before it went is said to be lost.
      const read = lines.filter((line, at) => at < lines.length - 1 || !isLost.test(line))
      const numbers = read.map((line) => Number(/line (\d+)$/.exec(line)?.[1]))
      expect(numbers, read.at(-1)).toEqual(numbers.map((_, at) => (at < 40 ? at : at - 40)))
      expect(numbers.length).toBeGreaterThanOrEqual(5)
    }

    // Whoever followed it from the beginning read the same, and who comes now reads what is archived.
    await vi.waitFor(() => expect(followed.isEnded()).toBe(true), 30_000)
    expect(textsByPod(textsOf(await followed.page(1))).at(-1)).toEqual(printed)
    expect(textsOf(await readAll(run))).toEqual(texts)

    const beside = { uid: run.metadata.uid ?? '', part: 'sidecar-beside' }
    const isWhole = async () => (await scene.archive.findLog(beside))?.complete
    await vi.waitFor(async () => expect(await isWhole()).toBe(true), 30_000)
    const said = textsOf(await scene.archive.readLog(beside, 1))
    expect(said.filter((text) => text === 'up')).toHaveLength(replacements + 1)
  },
)

const isLost = /^\((pod-gone|unreadable) 1\)$/

function textsByPod(texts: string[]): string[][] {
  const logs: string[][] = [[]]
  for (const text of texts) {
    if (text === '(pod-replaced 1)') logs.push([])
    else logs.at(-1)?.push(text)
  }
  return logs
}

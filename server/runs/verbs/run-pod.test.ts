import { expect, test, vi } from 'vitest'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { pause } from '#server/platform/time/backoff.ts'
import { parseMergedCursor } from '#server/runs/log/cursor/run-cursor.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { isGap, logLineOf } from '#server/runs/model/log-entry.ts'
import { Task, TaskRun } from '#server/runs/model/task-run.ts'
import type { LogLine } from '#server/runs/views/run.ts'
import { workspaceKinds } from '#server/runs/views/run-detail-view.ts'
import { everyContainer, type LogContainer } from '#server/runs/views/run-log-views.ts'
import { image, namespace, sceneOfRuns, scripted } from '#server/testing/runs/archive-fixture.ts'
import { runOfTask } from './run-of-task.ts'

const scene = sceneOfRuns((signal) =>
  startCluster({
    manifests: 'manifests/overlays/embedded',
    images: { [image]: busyboxImage() },
    signal,
  }),
)
const { lead, web } = scene

/** The way to the kubelet, on which what the sidecar says is seconds late. */
function lateKube(): Kube {
  return {
    ...scene.kube,
    async *followLog(pod, options) {
      const isLate = options.follow && options.container === 'sidecar-db'
      for await (const chunk of scene.kube.followLog(pod, options)) {
        if (isLate) await pause(1_500, scene.signal)
        yield chunk
      }
    },
  }
}

/** The step waits for the sidecar's word, so that each has lines before and after the other's. */
function startRun(name: string, step: string): Promise<TaskRun> {
  const sidecars = scripted({
    // Killed at any moment; what it says last has no line break.
    db: 'echo ready; i=0; while [ $i -lt 20 ]; do echo "db $i"; i=$((i+1)); sleep 0.02; done; echo DB_PASSWORD=open sesame; printf \'no end\'; sleep 60',
  })
  return scene.startRun(name, { taskSpec: { steps: scripted({ work: step }), sidecars } })
}

const work =
  'i=0; while [ $i -lt 20 ]; do echo "work $i"; i=$((i+1)); sleep 0.03; done; echo the end'

/** Reads all that there is, cut after every `lines` lines and taken up by another process. */
async function readCut(run: TaskRun, lines: number, asked = scene.kube) {
  const leaving = new AbortController()
  const told: LogLine[] = []
  const states: LogContainer[][] = []
  let id: string | undefined
  for (let isOver = false; !isOver; ) {
    let some = 0
    const cursor = parseMergedCursor(id)
    const { namespace: where = '', name } = run.metadata
    const now = (await scene.kube.find(TaskRun, { namespace: where, name })) ?? run
    for await (const event of web(leaving.signal, asked).followAll(now, cursor, leaving.signal)) {
      if (event.event === 'containers') states.push(event.data.containers)
      if (event.event === 'end') isOver = true
      if (event.event !== 'lines') continue
      told.push(...event.data.lines)
      id = event.id
      some += event.data.lines.length
      if (some >= lines) break
    }
  }
  leaving.abort()
  return { told, states }
}

/** Asked for before there is a pod, it comes; answers the first line that there is. */
async function readAlone(run: TaskRun, container: string, text: string) {
  const leaving = new AbortController()
  try {
    const events = web(leaving.signal).follow({ run, container }, undefined, leaving.signal)
    for await (const event of events) {
      if (event.event !== 'lines') continue
      return event.data.lines.find((line) => line.text === text)?.text
    }
  } finally {
    leaving.abort()
  }
  return undefined
}

test('a sidecar and its step are one log by time, live and afterwards, and lose no line when they end', async () => {
  await lead()
  const run = await startRun('sided', work)

  const [early, whole, cut, late] = await Promise.all([
    readAlone(run, 'sidecar-db', 'ready'),
    readCut(run, 1e9),
    readCut(run, 7),
    readCut(run, 1e9, lateKube()),
  ])
  expect(early).toBe('ready')
  // Wherever a line was late, it has the place and the number that a link to it has.
  expect(cut.told).toEqual(whole.told)
  expect(late.told).toEqual(whole.told)
  for (const { told } of [whole, cut]) {
    expect(told.map(({ row }) => row)).toEqual(told.map((_, index) => index + 1))
    const of = (step: string) => told.filter((one) => one.step === step).map(({ text }) => text)
    expect(of('work')).toEqual([...Array.from({ length: 20 }, (_, i) => `work ${i}`), 'the end'])
    expect(of('sidecar-db')).toEqual([
      'ready',
      ...Array.from({ length: 20 }, (_, i) => `db ${i}`),
      'DB_PASSWORD=[redacted:variable]',
      'no end',
    ])
  }
  const said = whole.states.map((there) => there.find(({ name }) => name === 'sidecar-db')?.state)
  // It is told whenever it is another one; how many of them there was time for is the machine's to say.
  const order = ['waiting', 'running', 'ended']
  const each = [...new Set(said)]
  expect(each).toEqual(order.filter((state) => each.some((one) => one === state)))
  expect(said.at(-1)).toBe('ended')

  for (const part of ['steps', 'sidecar-db']) {
    const key = { uid: run.metadata.uid ?? '', part }
    await vi.waitFor(
      async () => expect(await scene.archive.findLog(key)).toMatchObject({ complete: true }),
      10_000,
    )
  }
  await scene.kube.remove(TaskRun, { namespace, name: 'sided' })
  await vi.waitFor(async () => {
    expect(await scene.archive.findRun({ namespace, name: 'sided' })).toHaveProperty('goneAt')
  }, 10_000)
  // From the archive alone, page by page and from any row.
  const leaving = new AbortController()
  const gone = (await scene.archive.findRun({ namespace, name: 'sided' }))?.run ?? run
  const read = await web(leaving.signal).read(
    { run: gone, container: everyContainer },
    scene.signal,
  )
  const rows: Parameters<typeof logLineOf>[0][] = []
  for await (const page of pagesOf(read, scene.signal)) {
    for (const row of page) if (!isGap(row)) rows.push(row)
  }
  expect(rows.map(logLineOf)).toEqual(whole.told)
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1))
  const times = rows.map(({ at }) => at)
  expect(times).toEqual(times.toSorted())
  // Both begin before the other has ended.
  const steps = rows.map(({ step }) => step)
  expect(steps.indexOf('work')).toBeLessThan(steps.lastIndexOf('sidecar-db'))
  expect(read.rows()).toBe(rows.length)
  const jumped = await read.page(30)
  expect(jumped[0]).toEqual(rows[29])
  const told = (await readCut(gone, 5)).told
  expect(told).toEqual(rows.map(logLineOf))
  leaving.abort()
})

test('a run is given a claim, a ConfigMap, a Secret and a directory of its own, each as it was chosen', async () => {
  const metadata = { namespace, name: 'given' }
  const make = (plural: string, kind: string, rest: object) =>
    scene.cluster.client.create(plural, { apiVersion: 'v1', kind, metadata, ...rest })
  make('configmaps', 'ConfigMap', { data: { said: 'from the ConfigMap' } })
  make('secrets', 'Secret', { data: { said: Buffer.from('from the Secret').toString('base64') } })
  make('persistentvolumeclaims', 'PersistentVolumeClaim', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Mi' } },
    },
  })
  const names = ['conf', 'hush', 'data', 'own']
  const task: Task = await scene.kube.create(Task, {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata,
    spec: {
      workspaces: names.map((name) => ({ name })),
      stepTemplate: { securityContext: { runAsGroup: 1000 } },
      steps: scripted({
        read: 'cat $(workspaces.conf.path)/said; echo; cat $(workspaces.hush.path)/said; echo; for at in $(workspaces.data.path) $(workspaces.own.path); do echo written > $at/f; cat $at/f; done',
      }),
    },
  })
  const run = runOfTask(task, {
    params: [],
    workspaces: {
      conf: { kind: 'configMap', name: 'given' },
      hush: { kind: 'secret', name: 'given' },
      data: { kind: 'persistentVolumeClaim', name: 'given' },
    },
    startedBy: 'grace',
    why: 'A test.',
  })
  const { metadata: made } = await scene.kube.create(TaskRun, run)
  const ended = await vi.waitFor(async () => {
    const now = await scene.kube.get(TaskRun, { namespace, name: made.name })
    expect(now.status?.conditions).toMatchObject([{ status: 'True' }])
    return now
  }, 20_000)
  expect(workspaceKinds(ended)).toEqual([
    { name: 'conf', kind: 'configMap', source: 'given' },
    { name: 'hush', kind: 'secret', source: 'given' },
    { name: 'data', kind: 'persistentVolumeClaim', source: 'given' },
    { name: 'own', kind: 'emptyDir', source: undefined },
  ])
  // Else a fresh volume, which is root's, would let none of its steps write.
  const pod = await scene.kube.get(Pod, { namespace, name: ended.status?.podName ?? '' })
  expect(pod.spec).toMatchObject({ securityContext: { fsGroup: 1000 } })
  const texts: string[] = []
  for await (const page of pagesOf(
    await web(scene.signal).read({ run: ended }, scene.signal),
    scene.signal,
  )) {
    for (const row of page) if (!isGap(row)) texts.push(row.text)
  }
  expect(texts).toEqual(['from the ConfigMap', 'from the Secret', 'written', 'written'])
})

import { Registry } from 'prom-client'
import { expect, test, vi } from 'vitest'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { Pod } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { parseRunCursor } from '#server/runs/log/cursor/run-cursor.ts'
import { isGap } from '#server/runs/model/log-entry.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { image, namespace, sceneOfRuns, textsOf } from '#server/testing/runs/archive-fixture.ts'
import { archiveMetrics } from './archive-metrics.ts'
import type { LogKey, RunArchive } from './run-archive.ts'

const scene = sceneOfRuns((signal) =>
  startCluster({
    manifests: 'manifests/overlays/embedded',
    images: { [image]: busyboxImage() },
    signal,
  }),
)
const beganAt = new Date()
const { lead, web, startSteps, archived, archivedRows, readAll } = scene

test('archived as the API gives it, across controllers that follow each other; and after the run is gone', async () => {
  const count =
    'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); [ $((i%80)) = 0 ] && sleep 0.2; done'
  const odd = String.raw`printf 'tab\t\033[31mred\033[0m \r50%%\r100%%\n\377\000x\n\nno end'`
  const run = await startSteps('handed-over', [count, `${odd}; exit 3`])
  for (const rows of [1, 170, 330]) {
    const stop = await lead()
    await archivedRows(run, rows)
    await stop()
  }
  const stop = await lead()
  const rows = await archived(run)
  const { status } = await scene.kube.get(TaskRun, { namespace, name: 'handed-over' })
  let printed = Buffer.alloc(0)
  for (const { container } of status?.steps ?? []) {
    const pod = { namespace, name: status?.podName ?? '' }
    for await (const chunk of scene.kube.followLog(pod, { container })) {
      printed = Buffer.concat([printed, chunk])
    }
  }
  expect(textsOf(rows).join('\n')).toBe(printed.toString('utf8'))
  expect(rows.at(-1)).toMatchObject({ open: true, step: 's1' })

  // What Tekton puts before the steps has a log of its own; what is in no pod has none.
  const init = { uid: run.metadata.uid ?? '', part: 'prepare' }
  await vi.waitFor(
    async () => expect(await scene.archive.findLog(init)).toMatchObject({ complete: true }),
    30_000,
  )
  const leaving = new AbortController()
  const logs = web(leaving.signal)
  const prepared = await logs.read({ run, container: 'prepare' }, leaving.signal)
  expect(prepared.rows()).toBe((await scene.archive.findLog(init))?.rows)
  const other = logs.read({ run, container: 'engine' }, leaving.signal)
  await expect(other).rejects.toMatchObject({ code: 'not-found' })
  leaving.abort()

  await scene.kube.remove(TaskRun, { namespace, name: 'handed-over' })
  await vi.waitFor(async () => {
    const record = await scene.archive.findRun({ namespace, name: 'handed-over' })
    expect(record).toMatchObject({ state: 'failed', startedBy: 'grace', goneAt: expect.any(Date) })
  }, 30_000)
  expect(await readAll(run)).toEqual(rows)
  await stop()
})

test('a cancelled run keeps its log although its pod goes; a run that is deleted at work is remembered as ended', async () => {
  await lead()
  const endless = 'i=0; while true; do echo "line $i"; i=$((i+1)); sleep 0.01; done'
  const cancelled = await startSteps('cancelled', [endless])
  const deleted = await startSteps('deleted', [endless])
  await archivedRows(cancelled, 6)
  await archivedRows(deleted, 6)
  await scene.kube.patch(
    TaskRun,
    { namespace, name: 'cancelled' },
    { spec: { status: 'TaskRunCancelled' } },
  )
  await scene.kube.remove(TaskRun, { namespace, name: 'deleted' })
  for (const run of [cancelled, deleted]) {
    expect(textsOf(await archived(run)).slice(0, 3)).toEqual(['line 0', 'line 1', 'line 2'])
    await vi.waitFor(async () => {
      const { name } = run.metadata
      expect(await scene.archive.findRun({ namespace, name })).toMatchObject({ state: 'cancelled' })
    }, 30_000)
  }
})

/** The pod of a run whose first step runs; undefined where the run has ended before. */
async function podOf({
  metadata,
}: TaskRun): Promise<{ namespace: string; name: string } | undefined> {
  const ref = { namespace, name: metadata.name }
  return vi.waitFor(async () => {
    const { status } = await scene.kube.get(TaskRun, ref)
    if (status?.completionTime) return undefined
    expect(status?.steps?.[0]).toHaveProperty('running')
    return { namespace, name: status?.podName ?? '' }
  }, 60_000)
}

type Printed = { run: TaskRun; whole: Promise<string[]> }

/** What the kubelet prints of its first step until its pod is gone, once it has begun; undefined where it ended before. */
async function printedOf(run: TaskRun): Promise<Printed | undefined> {
  const pod = await podOf(run)
  if (!pod) return undefined
  const options = { container: 'step-s0', follow: true }
  const chunks = scene.kube.followLog(pod, options)[Symbol.asyncIterator]()
  let chunk = await chunks.next().catch(() => undefined)
  if (!chunk || chunk.done) return undefined
  const read = async () => {
    let printed = ''
    for (; chunk && !chunk.done; chunk = await chunks.next()) {
      printed += Buffer.from(chunk.value).toString()
    }
    return printed.split('\n').filter(Boolean)
  }
  return { run, whole: read() }
}

/** A run whose time is over after its step began, however long the machine needs until then. */
async function startLate(script: string): Promise<Printed> {
  for (const seconds of [5, 15, 45]) {
    const run = await startSteps(`late-${seconds}`, [script], { timeout: `${seconds}s` })
    const late = await printedOf(run)
    if (late) return late
  }
  throw new Error('No run has begun in its time.')
}

test('with no web at all, a run that took too long and one that was cancelled keep every line they wrote', async () => {
  await lead()
  const endless = 'i=0; while true; do echo "line $i"; i=$((i+1)); sleep 0.01; done'
  const late = await startLate(endless)
  const ended = (await printedOf(await startSteps('ended', [endless]))) ?? expect.fail('It ended.')
  await archivedRows(ended.run, 51)
  const patch = { spec: { status: 'TaskRunCancelled' } }
  await scene.kube.patch(TaskRun, { namespace, name: 'ended' }, patch)
  for (const [{ run, whole }, state] of [
    [late, 'timed-out'],
    [ended, 'cancelled'],
  ] as const) {
    const lines = await whole
    const { name } = run.metadata
    const kept = textsOf(await archived(run))
    expect(kept).toEqual(lines)
    expect(kept[0]).toBe('line 0')
    await vi.waitFor(async () => {
      expect(await scene.archive.findRun({ namespace, name })).toMatchObject({ state })
    }, 10_000)
    // Its pod is gone; a web that is started afterwards has all of it.
    const { status } = await scene.kube.get(TaskRun, { namespace, name })
    expect(await scene.kube.find(Pod, { namespace, name: status?.podName ?? '' })).toBeUndefined()
    expect(textsOf(await readAll(run))).toEqual(lines)
  }
})

test('a log that is too large keeps its beginning and its end, and says what is left out', async () => {
  await lead(scene.archive, { runBytesMax: 600_000 })
  const long =
    'i=0; while [ $i -lt 60 ]; do head -c 30000 /dev/zero | tr "\\0" x; echo " line $i"; i=$((i+1)); done'
  const run = await startSteps('large', [long])
  const rows = await archived(run)
  const texts = textsOf(rows)
  expect(texts.some((text) => text.endsWith(' line 0'))).toBe(true)
  expect(texts.some((text) => text.endsWith(' line 59'))).toBe(true)
  const gaps = rows.filter(isGap)
  expect(gaps).toMatchObject([{ reason: 'truncated', step: 's0' }])
})

test('while the database is away a run is read all the same', async () => {
  let away = true
  const there = async (): Promise<RunArchive> => {
    if (away) throw new AppError('unavailable', 'The database does not answer.')
    return scene.archive
  }
  const unsteady: RunArchive = {
    ...scene.archive,
    findLog: async (key) => (await there()).findLog(key),
    appendLog: async (key, append) => (await there()).appendLog(key, append),
    saveRun: async (record) => (await there()).saveRun(record),
  }
  const registry = new Registry()
  const metrics = archiveMetrics(registry)
  const waiting = new Set<string>()
  const failed = (key: LogKey) => {
    waiting.add(`${key.uid} ${key.part}`)
    metrics.failed(key)
  }
  await lead(unsteady, {}, { ...metrics, failed })
  const run = await startSteps('unseen', ['echo first; sleep 60'])
  const { metadata } = run
  // Read by the controller before it is cancelled, for only then its pod goes; and the metric says that it waits.
  await expect.poll(() => [...waiting], { timeout: 60_000 }).toContain(`${metadata.uid} steps`)
  expect(await waitingLogs(registry)()).toBeGreaterThan(0)
  await scene.kube.patch(
    TaskRun,
    { namespace, name: metadata.name },
    { spec: { status: 'TaskRunCancelled' } },
  )
  away = false
  expect(textsOf(await archived(run))[0]).toBe('first')
  await expect.poll(waitingLogs(registry), { timeout: 60_000 }).toBe(0)
})

function waitingLogs(registry: Registry): () => Promise<number | undefined> {
  return async () => gaugeOf(registry, 'bindery_archive_logs_waiting')
}

async function gaugeOf(registry: Registry, name: string): Promise<number | undefined> {
  const metric = await registry.getSingleMetric(name)?.get()
  return metric?.values[0]?.value
}

test('a run that is deleted after its log was archived is forgotten', async () => {
  const registry = new Registry()
  await lead(scene.archive, {}, archiveMetrics(registry))
  const run = await startSteps('soon-gone', ['echo one line'])
  await archived(run)
  const before = (await gaugeOf(registry, 'bindery_archive_runs')) ?? 0
  await scene.kube.remove(TaskRun, { namespace, name: 'soon-gone' })
  await expect.poll(() => gaugeOf(registry, 'bindery_archive_runs')).toBe(before - 1)
})

test('a reader that comes in the middle is given what is archived and then what is written, without a seam', async () => {
  const stop = await lead()
  const run = await startSteps('seam', [
    'i=0; while [ $i -lt 300 ]; do echo "line $i"; i=$((i+1)); [ $((i%100)) = 0 ] && sleep 0.4; done',
  ])
  await archivedRows(run, 100)
  const leaving = new AbortController()
  const logs = web(leaving.signal)
  const texts: string[] = []
  let id: string | undefined
  // The network is cut after the first rows; another process goes on from the cursor.
  for await (const event of logs.follow({ run }, undefined, leaving.signal)) {
    if (event.event !== 'lines') continue
    texts.push(...event.data.lines.map(({ text }) => text))
    id = event.id
    break
  }
  await stop()
  for await (const event of web(leaving.signal).follow(
    { run },
    parseRunCursor(id),
    leaving.signal,
  )) {
    if (event.event === 'lines') texts.push(...event.data.lines.map(({ text }) => text))
  }
  leaving.abort()
  expect(texts).toEqual(Array.from({ length: 300 }, (_, index) => `line ${index}`))
})

test('after its time a log goes and the record of the run stays', async () => {
  const run = (await scene.archive.findRun({ namespace, name: 'cancelled' }))?.run as TaskRun
  expect(await scene.archive.expireLogs(beganAt)).toBe(0)
  expect(await scene.archive.expireLogs(new Date(Date.now() + 1_000))).toBeGreaterThan(0)
  const rows = await readAll(run)
  expect(rows).toMatchObject([{ row: 1, reason: 'expired' }])
  expect(await scene.archive.findRun({ namespace, name: 'cancelled' })).toMatchObject({
    state: 'cancelled',
  })
})

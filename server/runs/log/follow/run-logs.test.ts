import { expect, onTestFinished, test } from 'vitest'
import { AppError } from '#server/platform/model/errors.ts'
import type { RunArchive } from '#server/runs/log/archive/run-archive.ts'
import type { LogHistory } from '#server/runs/log/loki/with-history.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { at, gapsOf, read, startRun } from '#server/testing/runs/run-logs-fixture.ts'

test('all steps in their order, live, and from where a reader stood in any process', async () => {
  const cluster = await startRun()
  const reader = read(cluster.logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(reader.texts).toEqual(['first: a'])
  cluster.write('step-first', 1, 'b')
  await cluster.go('second')
  cluster.write('step-second', 2, 'c')
  await expect.poll(reader.texts).toEqual(['first: a', 'first: b', 'second: c'])
  await cluster.go('done')
  await reader.done
  expect(reader.texts()).toEqual(['first: a', 'first: b', 'second: c'])
  expect(reader.events.at(-1)).toEqual({ event: 'end', data: { state: 'succeeded', rows: 3 } })

  const from = `first@${at(1)}#1`
  for (const logs of [cluster.logs, cluster.another()]) {
    const again = read(logs, cluster.run(), from)
    await again.done
    expect(again.texts()).toEqual(['first: b', 'second: c'])
  }
})

test('a cancelled run took its pod with it; what nobody had asked for yet is still there', async () => {
  const cluster = await startRun()
  const early = read(cluster.logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(early.texts).toEqual(['first: a'])
  await cluster.go('second')
  cluster.write('step-second', 2, 'working')
  await expect.poll(early.texts).toContain('second: working')
  await cluster.go('cancelled')
  await early.done
  const late = read(cluster.logs, cluster.run())
  await late.done
  expect(late.texts()).toEqual(['first: a', 'second: working'])
  expect(late.events.at(-1)).toMatchObject({ event: 'end', data: { state: 'cancelled' } })

  const elsewhere = read(cluster.another(), cluster.run())
  await elsewhere.done
  expect(elsewhere.texts()).toEqual([])
  const gaps = ['first', 'second'].map((step, index) => {
    return { event: 'gap', data: { row: index + 1, rows: 1, step, reason: 'pod-gone' } }
  })
  expect(gapsOf(elsewhere.events)).toEqual(gaps)

  // Somebody else kept it; its secrets are taken out here all the same.
  const loki: LogHistory = {
    async *readRun() {
      yield [{ step: 'first', at: at(1), count: 1, text: 'PASSWORD=a b' }]
    },
  }
  const before = read(cluster.another({ history: loki }), cluster.run())
  await before.done
  expect(before.texts()).toEqual(['first: PASSWORD=[redacted:variable]'])
  expect(gapsOf(before.events)).toEqual([])

  // With the run gone too, its pod's name may be that of another: nothing is asked of it.
  const asked = cluster.reads('step-first')
  await cluster.remove()
  const gone = read(cluster.another(), goneRun(cluster.run(), new Date(at(9))))
  await gone.done
  expect(gapsOf(gone.events)).toEqual(gaps)
  expect(cluster.reads('step-first')).toBe(asked)
})

test('many readers, one upstream; a slow one holds nobody back, is told, and loses nothing', async () => {
  const cluster = await startRun()
  const slow = cluster.logs.follow({ run: cluster.run() }, undefined, new AbortController().signal)
  const slowly = slow[Symbol.asyncIterator]()
  expect((await slowly.next()).value).toMatchObject({ event: 'steps' })
  const readers = Array.from({ length: 20 }, () => read(cluster.logs, cluster.run()))
  const lines = Array.from({ length: 25_000 }, (_, index) => `line ${index}`)
  cluster.write('step-first', 1, ...lines)
  await cluster.go('second')
  await cluster.go('done')
  for (const reader of readers) {
    await reader.done
    expect(reader.texts()).toHaveLength(lines.length)
    expect(gapsOf(reader.events)).toEqual([])
  }
  // Once while it was written, and once more for what was left at its end.
  expect(cluster.reads('step-first')).toBeLessThanOrEqual(3)

  const told: string[] = []
  const behind: number[] = []
  for (let next = await slowly.next(); !next.done; next = await slowly.next()) {
    const { value } = next
    if (value.event === 'lines') told.push(...value.data.lines.map(({ text }) => text))
    if (value.event === 'behind') behind.push(value.data.rows)
  }
  expect(told).toEqual(lines)
  expect(behind[0]).toBeGreaterThan(10_000)
  expect(behind.at(-1)).toBe(0)
})

test('long lines, bytes that are no text, progress bars and a missing last line break', async () => {
  const cluster = await startRun()
  const reader = read(cluster.logs, cluster.run())
  const long = 'é'.repeat(500_000)
  const lines = [
    long,
    '\u001b[38;5;208m10%\r\u001b[0m100%\r',
    '',
    'a\u0000b',
    'x'.repeat(1_200_000),
  ]
  cluster.write('step-first', 1, ...lines)
  await cluster.go('second')
  await cluster.go('done')
  await reader.done
  const rows = reader.events.flatMap((one) => (one.event === 'lines' ? one.data.lines : []))
  const whole: string[] = []
  for (const { text, continues } of rows) {
    expect(text.length).toBeLessThanOrEqual(16 * 1024)
    if (continues) whole.push(`${whole.pop()}${text}`)
    else whole.push(text)
  }
  expect(whole.slice(0, 4)).toEqual(lines.slice(0, 4))
  // A line without a blank that is longer than a megabyte: what is left out is counted.
  const cut = rows.find((row) => row.cut)?.cut ?? 0
  expect((whole[4]?.length ?? 0) + cut).toBe(1_200_000)
  expect(cut).toBeGreaterThan(150_000)
})

test('a log that cannot be opened is refused to who asked for it, and nobody else falls over it', async () => {
  const cluster = await startRun()
  const fallen: unknown[] = []
  const note = (error: unknown) => fallen.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  let refuse: ((error: AppError) => void) | undefined
  const findLog: RunArchive['findLog'] = (key) =>
    key.part === 'steps'
      ? cluster.archive.findLog(key)
      : new Promise((_, reject) => {
          refuse = reject
        })
  const logs = cluster.another({ archive: { ...cluster.archive, findLog } })
  const steps = read(logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(steps.texts).toEqual(['first: a'])
  const { signal } = new AbortController()
  const opening = logs.read({ run: cluster.run(), container: 'sidecar-db' }, signal)
  const refused = expect(opening).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(() => refuse).toBeDefined()
  // Its run changes, and another log comes to its end, while it is opened.
  await cluster.go('second')
  await cluster.go('done')
  await steps.done
  refuse?.(new AppError('unavailable', 'The database does not answer.'))
  await refused
  await new Promise((resolve) => setImmediate(resolve))
  expect(fallen).toEqual([])
})

test('the log of a run that has ended is read whole, also before the watch knows that it has', async () => {
  const cluster = await startRun()
  const { signal } = new AbortController()
  const live = read(cluster.logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(live.texts).toEqual(['first: a'])
  cluster.write('step-second', 2, 'b')
  await cluster.go('done', false)
  const ended = cluster.run()
  const anew = await cluster.another().read({ run: ended }, signal)
  expect(anew.rows()).toBe(2)
  const followed = cluster.logs.read({ run: ended }, signal).then((log) => log.rows())
  await cluster.go('done')
  expect(await followed).toBe(2)
  await live.done
})

test('who reads a log that may not be read is told so, and has it once it may be', async () => {
  const cluster = await startRun()
  cluster.write('step-first', 1, 'a')
  cluster.forbid(true)
  const refused = read(cluster.logs, cluster.run())
  await expect(refused.done).rejects.toMatchObject({ code: 'forbidden' })
  cluster.forbid(false)
  const later = read(cluster.logs, cluster.run())
  await expect.poll(later.texts).toEqual(['first: a'])
})

test('a log that nobody reads any more is let go, and followed anew for who comes later', async () => {
  const cluster = await startRun()
  const logs = cluster.another({ unwatchedMs: 10 })
  const leaving = new AbortController()
  cluster.write('step-first', 1, 'a')
  for await (const event of logs.follow({ run: cluster.run() }, undefined, leaving.signal)) {
    if (event.event === 'lines') break
  }
  await expect.poll(() => cluster.following('step-first')).toBe(0)
  cluster.write('step-first', 2, 'b')
  const later = read(logs, cluster.run())
  await expect.poll(later.texts).toEqual(['first: a', 'first: b'])
  expect(later.events).not.toContainEqual(expect.objectContaining({ event: 'end' }))
})

test('of logs that have ended those read last are held, and the others are read anew', async () => {
  const cluster = await startRun()
  cluster.write('step-first', 1, 'a')
  await cluster.go('second')
  await cluster.go('done')
  const known = () => cluster.options.runs.list().map((run) => run.metadata.resourceVersion)
  await expect.poll(known).toEqual([cluster.run().metadata.resourceVersion])
  const other = (uid: string): TaskRun => {
    const run = cluster.run()
    return { ...run, metadata: { ...run.metadata, uid } }
  }
  for (const [holds, again] of [
    [{ bytes: 1e9, logs: 2 }, 0],
    [{ bytes: 1e9, logs: 1 }, 1],
    [{ bytes: 300, logs: 9 }, 1],
  ] as const) {
    const logs = cluster.another({ holds, unseenMs: 1e9 })
    const { signal } = new AbortController()
    const first = await logs.read({ run: cluster.run() }, signal)
    expect(first.rows()).toBe(1)
    await logs.read({ run: other('another') }, signal)
    // What that makes room for is decided by the end of this turn.
    await new Promise((resolve) => setImmediate(resolve))
    const later = await logs.read({ run: cluster.run() }, signal)
    expect([holds, Number(later !== first)]).toEqual([holds, again])
  }
})

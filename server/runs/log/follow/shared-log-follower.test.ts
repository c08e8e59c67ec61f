import { expect, test } from 'vitest'
import { createArchivePageCache } from '#server/runs/log/archive/archive-page-cache.ts'
import { runRecord } from '#server/runs/log/archive/run-record.ts'
import type { LogHistory } from '#server/runs/log/loki/with-history.ts'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import { textsOf } from '#server/testing/runs/archive-fixture.ts'
import { at, gapsOf, read, startRun } from '#server/testing/runs/run-logs-fixture.ts'
import { type FollowedLog, followShared } from './shared-log-follower.ts'
import { pagesOf } from './write-log-file.ts'

const key = { uid: 'u', part: 'steps' }
const never = new AbortController().signal
type Cluster = Awaited<ReturnType<typeof startRun>>

async function follow(
  cluster: Cluster,
  more: Partial<Parameters<typeof followShared>[0]> = {},
): Promise<FollowedLog> {
  return followShared({
    ...cluster.options,
    key,
    head: await cluster.archive.findLog(key),
    pages: createArchivePageCache(cluster.archive),
    run: cluster.run(),
    container: undefined,
    onEnd: async () => {},
    shareBytes: () => 1e9,
    ...more,
  })
}

async function allOf(log: FollowedLog): Promise<LogRow[]> {
  const rows: LogRow[] = []
  for await (const page of pagesOf(log, never)) rows.push(...page)
  return rows
}

/** As the controller would; each of these lines was written in the second of its number. */
async function archive(cluster: Cluster, texts: string[]): Promise<void> {
  const rows = texts.map((text, index): LogRow => {
    return { row: index + 1, step: 'first', at: at(index + 1), count: 1, text }
  })
  const end = { attempt: 0, step: 0, at: at(texts.length), count: 1, redaction: 0 }
  await cluster.archive.saveRun(runRecord(cluster.run()))
  const append = { after: 0, rows, position: end, complete: false, bytesMax: 1e9 }
  expect(await cluster.archive.appendLog(key, append)).toBe(true)
}

const large = 'x'.repeat(800)

test('of a log that is too large for its share the newest rows are held, and what nobody has is said to be missing', async () => {
  const cluster = await startRun()
  const log = await follow(cluster, { shareBytes: () => 60_000 })
  for (let batch = 1; batch <= 10; batch++) {
    cluster.write('step-first', 1, ...Array.from({ length: 100 }, () => large))
    await expect.poll(log.rows).toBe(100 * batch)
  }
  // A thousand rows of a thousand bytes.
  expect(log.bytes()).toBeLessThan(300_000)
  const [lost, ...held] = await allOf(log)
  expect(lost).toEqual({ row: 1, rows: 1_000 - held.length, step: 'first', reason: 'truncated' })
  expect(held.length).toBeGreaterThan(50)
  expect(held.at(-1)?.row).toBe(1_000)
})

test('what the archive has is not held, and comes from there', async () => {
  const cluster = await startRun()
  const texts = Array.from({ length: 50 }, (_, index) => `${index} ${large}`)
  // It is written after somebody began to follow.
  const log = await follow(cluster, { shareBytes: () => 60_000 })
  await archive(cluster, texts)
  for (const [index, text] of texts.entries()) cluster.write('step-first', index + 1, text)
  cluster.write('step-first', 59, ...Array.from({ length: 40 }, () => large))
  await expect.poll(log.rows).toBe(90)
  expect(log.bytes()).toBeLessThan(80_000)
  expect(textsOf(await allOf(log))).toEqual([...texts, ...Array.from({ length: 40 }, () => large)])
})

test('it is let go a while after the last who read it has left, and not before', async () => {
  const cluster = await startRun()
  const log = await follow(cluster)
  const othersLetGo = async () => {
    const other = await follow(cluster)
    other.enter(10)()
    await expect.poll(other.released).toBe(true)
    expect(other.isEnded()).toBe(false)
  }
  const [leave, stay] = [log.enter(10), log.enter(10)]
  // Whoever leaves twice is no two.
  leave()
  leave()
  await othersLetGo()
  expect(log.released()).toBe(false)
  // Somebody comes before that while is over.
  stay()
  const last = log.enter(10)
  await othersLetGo()
  expect(log.released()).toBe(false)
  await expect.poll(() => cluster.following('step-first')).toBe(1)
  last()
  await expect.poll(log.released).toBe(true)
  await expect.poll(() => cluster.following('step-first')).toBe(0)
})

test('who reads at the same place is told the same page, a full one for good', async () => {
  const cluster = await startRun()
  const log = await follow(cluster)
  cluster.write('step-first', 1, ...Array.from({ length: 2_500 }, (_, index) => String(index)))
  await expect.poll(log.rows).toBe(2_500)
  const [full, end] = [await log.page(1), await log.page(2_001)]
  expect([await log.page(1), await log.page(2_001)]).toEqual([full, end])
  expect(await log.page(1)).toBe(full)
  expect(await log.page(2_001)).toBe(end)
  cluster.write('step-first', 2, 'more')
  await expect.poll(log.rows).toBe(2_501)
  expect(await log.page(1)).toBe(full)
  expect(await log.page(2_001)).toHaveLength(501)
  // So many at once; one that nobody asks for is not kept.
  for (const row of [2, 3, 4]) await log.page(row)
  expect(await log.page(1)).not.toBe(full)
  expect(await log.page(1)).toEqual(full)
})

test('where the archive ends is where it is read on: as far as it is written, and not from what others kept', async () => {
  const cluster = await startRun()
  await archive(cluster, ['a'])
  cluster.write('step-first', 1, 'a')
  const log = await follow(cluster)
  expect(await log.caughtUp()).toBe(true)
  cluster.write('step-first', 2, 'b')
  await expect.poll(log.rows).toBe(2)
  expect(textsOf(await allOf(log))).toEqual(['a', 'b'])

  const history: LogHistory = {
    async *readRun() {
      yield [{ step: 'first', at: at(1), count: 1, text: 'from Loki' }]
    },
  }
  await cluster.go('cancelled')
  for (const [container, texts] of [
    [undefined, ['a', '(pod-gone 1)', '(pod-gone 1)']],
    ['sidecar-db', ['(pod-gone 1)']],
  ] as const) {
    const part = container ? { container, head: undefined, key: { uid: 'u', part: container } } : {}
    const gone = await follow(cluster, { history, ...part })
    await expect.poll(gone.isEnded).toBe(true)
    expect(textsOf(await allOf(gone))).toEqual(texts)
  }
})

test('a run that was only just made is not taken for one that is gone, and one that never comes is', async () => {
  const cluster = await startRun({ hidden: true })
  await expect.poll(cluster.options.runs.isSynced).toBe(true)
  const made = read(cluster.another(), cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(made.texts).toEqual(['first: a'])
  expect(gapsOf(made.events)).toEqual([])

  const asked = cluster.reads('step-first')
  const never = read(cluster.another({ unseenMs: 0 }), cluster.run())
  await never.done
  expect(gapsOf(never.events)).toHaveLength(1)
  expect(cluster.reads('step-first')).toBe(asked)
})

test('a run of the same name that came later is another', async () => {
  const cluster = await startRun()
  await expect.poll(cluster.options.runs.list).toHaveLength(1)
  cluster.write('step-first', 1, 'not of the run that is asked for')
  await cluster.replace()
  const reader = read(cluster.another(), cluster.run())
  await reader.done
  expect(reader.texts()).toEqual([])
  expect(gapsOf(reader.events)).toHaveLength(1)
  expect(cluster.reads('step-first')).toBe(0)
})

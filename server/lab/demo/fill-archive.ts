import { config } from '#server/platform/config.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import { runRecord } from '#server/runs/log/archive/run-record.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'

/**
 * `tsx server/lab/demo/fill-archive.ts NAME ROWS`: a run that is gone, with a log of so many rows, as the controller would have
 * kept it; for who wants to see a log that is larger than a page. Every 100,000th row has a needle in it.
 */
const [name = 'filled', rowsText] = process.argv.slice(2)
const rows = Number(rowsText)
const rowsAtOnce = 5_000
const { DATABASE_URL, SERVING_NAMESPACE, LOG_LEVEL } = config()

const ending = new AbortController()
const log = createLog('fill-archive', LOG_LEVEL)
const store = await openStore(DATABASE_URL, { signal: ending.signal, log })
const now = new Date()
const run: TaskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: {
    namespace: SERVING_NAMESPACE,
    name,
    uid: name,
    creationTimestamp: now.toISOString(),
  },
  spec: {},
  status: {
    podName: `${name}-pod`,
    startTime: now.toISOString(),
    completionTime: now.toISOString(),
    steps: [{ name: 'count', container: 'step-count', terminated: { exitCode: 0 } }],
    conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded', message: '' }],
  },
}
const key = { uid: name, part: 'steps' }
await store.archive.saveRun(runRecord(goneRun(run, now), now))
for (let after = 0; after < rows; after += rowsAtOnce) {
  const some = Array.from({ length: Math.min(rowsAtOnce, rows - after) }, (_, index) =>
    lineAt(after + index + 1),
  )
  const complete = after + some.length === rows
  await store.archive.appendLog(key, { after, rows: some, complete, bytesMax: 2 ** 40 })
}
ending.abort()
await store.close()

function lineAt(row: number): LogRow {
  const at = new Date(now.getTime() + row).toISOString().replace('Z', '000000Z')
  const text = row % 100_000 === 0 ? `needle in row ${row}` : `row ${row}`
  return { row, step: 'count', at, count: 1, text }
}

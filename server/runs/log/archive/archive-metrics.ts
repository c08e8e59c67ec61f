import { Counter, Gauge, type Registry } from 'prom-client'
import type { LogKey } from './run-archive.ts'

export type ArchiveMetrics = {
  /** How many runs are followed, or were and are still in the cluster. */
  runs(count: number): void
  /** The archive took what was read of this log. */
  wrote(key: LogKey): void
  /** It did not; the lines wait in memory, up to a limit. */
  failed(key: LogKey): void
  /** Nothing more will be written of this log. */
  ended(key: LogKey): void
}

/** The leader's; other replicas say 0. */
export function archiveMetrics(registry: Registry): ArchiveMetrics {
  const registers = [registry]
  const waiting = new Set<string>()
  const runs = new Gauge({
    name: 'bindery_archive_runs',
    help: 'Runs in the cluster whose logs are archived, or were.',
    registers,
  })
  const failures = new Counter({
    name: 'bindery_archive_write_failures_total',
    help: 'Writes to the archive of logs that failed.',
    registers,
  })
  const logs = new Gauge({
    name: 'bindery_archive_logs_waiting',
    help: 'Logs whose last write failed: their newest lines are in memory alone.',
    registers,
  })
  const idOf = ({ uid, part }: LogKey) => `${uid}/${part}`
  const settle = (key: LogKey) => {
    waiting.delete(idOf(key))
    logs.set(waiting.size)
  }
  return {
    runs: (count) => runs.set(count),
    wrote: settle,
    ended: settle,
    failed(key) {
      failures.inc()
      waiting.add(idOf(key))
      logs.set(waiting.size)
    },
  }
}

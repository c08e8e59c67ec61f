import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunState } from '#server/runs/views/run.ts'

/** What stays of a run when its TaskRun is gone. */
export type RunRecord = {
  uid: string
  namespace: string
  name: string
  task: string
  /** `namespace/name` of the binding that it made true or ended. */
  binding?: string
  startedBy?: string
  state: RunState
  createdAt: Date
  finishedAt?: Date
  /** Since when the cluster has it no more. */
  goneAt?: Date
  run: TaskRun
}

/** After the last archived line: attempt and step counted from 0, and what the redactor has to know to go on. */
export type ArchivePosition = {
  attempt: number
  step: number
  at: string
  count: number
  redaction: number
}

export type ArchivedLog = {
  /** The last row that is in the archive, or was. */
  rows: number
  position?: ArchivePosition
  /** Nothing more will come. */
  complete: boolean
  /** Its time is over: the rows were removed. */
  expired: boolean
}

export type LogAppend = {
  /** The rows that the writer believes to be there; the append is refused where others are. */
  after: number
  /** From where the open chunk begins: a chunk is written again, longer, until it is large enough. */
  rows: LogRow[]
  position?: ArchivePosition
  complete: boolean
  /** Of text, for one log; beyond it rows are dropped from its middle. */
  bytesMax: number
}

/** `part`: `steps`, or the name of one sidecar or init container. */
export type LogKey = { uid: string; part: string }

/** In the order of runs, the newest first. */
export type RunPlace = { createdAt: Date; name: string }

/** Runs and their logs, kept longer than the cluster keeps them. */
export type RunArchive = {
  saveRun(record: RunRecord): Promise<void>
  /** The newest of this name. */
  findRun(ref: { namespace: string; name: string }): Promise<RunRecord | undefined>
  /** Those that the cluster does not have any more, the newest first. */
  listGoneRuns(namespace: string, limit: number, before?: RunPlace): Promise<RunRecord[]>
  /** Those that it was last known to have. */
  listPresentRuns(namespace: string): Promise<RunRecord[]>

  findLog(key: LogKey): Promise<ArchivedLog | undefined>
  /** Of a run, the parts that were kept. */
  listParts(uid: string): Promise<string[]>
  /** False where another writer was there: read again how far it is, and go on from there. */
  appendLog(key: LogKey, append: LogAppend): Promise<boolean>
  /** Some rows from this one on, chunk by chunk; rows that were dropped come as a gap. None at the end. */
  readLog(key: LogKey, from: number): Promise<LogRow[]>
  /** Removes the rows of logs that were last written before, unless their run is at work; records stay. Returns how many logs. */
  expireLogs(before: Date): Promise<number>
}

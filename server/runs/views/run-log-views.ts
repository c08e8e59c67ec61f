import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import type { LogLine } from './run.ts'

/**
 * Rows that can no longer be had, in their place in the log: the kubelet had rotated them away, the pod was gone before
 * they were read, it was replaced by another one and what follows is that one's, the kubelet could not read them, they did not fit into the archive, their time there is over, or they share their instant with so many
 * that Loki gives no more of them.
 */
export type LogGap = {
  row: number
  rows: number
  step: string
  attempt?: number
  reason:
    | 'rotated'
    | 'pod-gone'
    | 'pod-replaced'
    | 'unreadable'
    | 'truncated'
    | 'expired'
    | 'crowded'
}

/** A page that opens a log with more rows begins with this many of its last, and asks for the others by range. */
export const tailRowsMax = 200_000

/** In the place of a container's name: the steps and all that ran beside them, by time. */
export const everyContainer = 'all'

export type LogContainer = {
  name: string
  kind: 'init' | 'sidecar'
  state: 'waiting' | 'running' | 'ended'
}

/** `GET /api/runs/:namespace/:name/log/lines`: the rows from `from` on, at most `limit`. */
export type LogRangeView = {
  /** What there is by now. */
  rows: number
  /** Nothing more will come. */
  ended: boolean
  lines: LogLine[]
  gaps: LogGap[]
  /** Where to go on reading; undefined at the end of what there is. */
  next?: number
}

export type LogMatch = LogLine & {
  /** Beginning and end (exclusive) of each hit, in UTF-16 units of the text. */
  ranges: [number, number][]
  before: LogLine[]
  after: LogLine[]
}

/** `GET /api/runs/:namespace/:name/log/search`: the matching rows from `from` on, at most `limit`, and all of them counted. */
export type LogSearchView = {
  rows: number
  ended: boolean
  /** Matching rows in the whole log. */
  count: number
  /** Their numbers, ascending: at most `matchingRowsMax`, half of them before the row `around`. */
  matching: number[]
  /** So many match before the first of these. */
  matchingBefore: number
  matches: LogMatch[]
  /** The search was given up after its time; `count` is of the rows before this one. */
  stoppedAt?: number
}

export const matchingRowsMax = 10_000

const yes = z.enum(['true', 'false', '1', '0', '']).transform((text) => /^(true|1)$/.test(text))
const row = z.coerce.number().int().min(1).max(1_000_000_000)
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a name')
const part = { container: name.optional(), step: name.optional() }

/** `tail`: without a cursor, so many rows before its end, as it is known when it is asked for. */
export const logStreamQuery = z.object({
  container: part.container,
  tail: z.coerce.number().int().min(1).max(1_000_000_000).optional(),
})

export const logLinesQuery = z.object({
  container: part.container,
  from: row.default(1),
  limit: z.coerce.number().int().min(1).max(2_000).default(500),
})

/** `step` and `container` are names of Kubernetes, as everything that may end up in a file name. */
export const logFileQuery = z.object({
  ...part,
  /** `plain`: the text alone, as `kubectl logs` prints it. */
  format: z.enum(['timed', 'plain']).default('timed'),
})

/** As they stand in the address; `regex` is RE2's syntax, which takes linear time whatever is written. */
export const logSearchQuery = z.object({
  ...part,
  q: z.string().min(1).max(500),
  regex: yes.default(false),
  case: yes.default(false),
  word: yes.default(false),
  from: row.default(1),
  around: row.default(1),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  context: z.coerce.number().int().min(0).max(10).default(0),
})

export type LogSearch = z.infer<typeof logSearchQuery>

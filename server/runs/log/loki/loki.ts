import { z } from 'zod'
import { AppError } from '#server/platform/model/errors.ts'

export type LokiSettings = {
  url: string
  /** `X-Scope-OrgID`, where Loki serves several tenants. */
  tenant?: string
  token?: string
  /** Under which names the log shipper wrote whose lines they are. */
  labels: { namespace: string; taskrun: string; step: string }
  pageLines?: number
  linesMax?: number
}

export type LokiLine = { at: string; count: number; text: string }

/** What it has and we do not: more lines of one instant than it gives at once, or more than we read of one step. */
export type LokiGap = { reason: 'crowded' | 'truncated' }

const answerSchema = z.object({
  data: z.object({
    resultType: z.literal('streams'),
    // Each value may have a third part, with metadata.
    result: z.array(
      z.object({ values: z.array(z.tuple([z.string(), z.string()]).rest(z.unknown())) }),
    ),
  }),
})

const timeoutMs = 30_000
/** Loki's own limit of a page is 5,000 lines, unless it is set otherwise. */
const pageTimesMax = 4
const marginNanos = 60_000_000_000n

/**
 * What Loki has of one step, in the order of time, page by page (`query_range`, by cursor of nanoseconds). The selector is
 * made here alone: Loki itself asks nobody who they are.
 */
export async function* readLoki(
  settings: LokiSettings,
  step: { namespace: string; taskrun: string; step: string; from: Date; to: Date },
  signal: AbortSignal,
): AsyncGenerator<LokiLine[] | LokiGap> {
  const { pageLines = 1_000, linesMax = 500_000 } = settings
  const query = selectorOf(settings.labels, step)
  const end = nanosOf(step.to) + marginNanos
  let start = nanosOf(step.from) - marginNanos
  /** Of the last instant, so many lines were given. */
  let given = 0
  let total = 0
  let limit = pageLines
  while (!signal.aborted && total < linesMax) {
    const entries = await ask(settings, { query, start, end, limit }, signal)
    const fresh = entries.slice(given)
    if (fresh.length === 0) {
      if (entries.length < limit) return
      // More lines in one instant than fit on a page: a larger one, as far as Loki lets us, then the next instant.
      if (limit < pageLines * pageTimesMax) limit *= 2
      else {
        yield { reason: 'crowded' }
        start += 1n
        given = 0
        limit = pageLines
      }
      continue
    }
    const lines: LokiLine[] = []
    for (const [nanos, text] of fresh) {
      given = nanos === start ? given + 1 : 1
      start = nanos
      lines.push({ at: timeOf(nanos), count: given, text })
    }
    total += lines.length
    yield lines
    if (entries.length < limit) return
    limit = pageLines
  }
  if (!signal.aborted) yield { reason: 'truncated' }
}

type Range = { query: string; start: bigint; end: bigint; limit: number }

async function ask(
  { url, tenant, token }: LokiSettings,
  { query, start, end, limit }: Range,
  signal: AbortSignal,
): Promise<[bigint, string][]> {
  const asked = new URL(`${url.replace(/\/+$/, '')}/loki/api/v1/query_range`)
  asked.search = new URLSearchParams({
    query,
    start: String(start),
    end: String(end),
    limit: String(limit),
    direction: 'forward',
  }).toString()
  const headers: Record<string, string> = { accept: 'application/json' }
  if (tenant) headers['x-scope-orgid'] = tenant
  if (token) headers.authorization = `Bearer ${token}`
  try {
    const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(asked, { headers, signal: both, redirect: 'error' })
    if (!response.ok) throw new Error(`Loki answered ${response.status}: ${await response.text()}`)
    const { data } = answerSchema.parse(await response.json())
    // Each stream is in order; of several with the same instant the first stays first.
    return data.result
      .flatMap(({ values }) =>
        values.map(([nanos, text]): [bigint, string] => [BigInt(nanos), text]),
      )
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  } catch (cause) {
    throw new AppError('bad-gateway', 'The archive of older logs does not answer.', { cause })
  }
}

/** Names of Kubernetes hold nothing that would end a string, but it is not left to them. */
export function selectorOf(
  labels: LokiSettings['labels'],
  { namespace, taskrun, step }: { namespace: string; taskrun: string; step: string },
): string {
  const literal = step.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return `{${labels.namespace}=${quoted(namespace)},${labels.taskrun}=${quoted(taskrun)},${labels.step}=~${quoted(`(step-)?${literal}`)}}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function nanosOf(date: Date): bigint {
  return BigInt(date.getTime()) * 1_000_000n
}

function timeOf(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
}

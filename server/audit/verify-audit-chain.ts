import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import type { ControllerMetrics } from '#server/access/reconciler/controller-metrics.ts'
import { pause } from '#server/platform/time/backoff.ts'
import type { AuditStore } from './audit-store.ts'
import { type ChainBreak, type ChainHead, chainStart } from './model/verify-chain.ts'
import { verifyAuditPart } from './verbs/verify-audit.ts'

type ChainStore = Pick<AuditStore, 'readAudit' | 'recordAuditCheck'>

/** `behindMs`: until the next part while what is new has not been read to its end. */
export type ChainTimes = { everyMs: number; behindMs: number; recordsMax: number }

const chainTimes: ChainTimes = { everyMs: 60_000, behindMs: 2_000, recordsMax: 10_000 }

/**
 * Verifies the trail for one term, so many records at a time: what is new, and behind that all of it from its beginning,
 * over and over. What is found to be broken is told until a whole round has found it whole again.
 */
export async function runAuditChainVerification(
  ctx: Pick<ControllerContext, 'log' | 'now' | 'signal'>,
  store: () => ChainStore | undefined,
  metrics: Pick<ControllerMetrics, 'verified'>,
  times: ChainTimes = chainTimes,
): Promise<void> {
  const { log, now, signal } = ctx
  const start = chainStart().at
  /** How far it is known to hold, and how far the present round from the beginning has come. */
  let newest: ChainHead = start
  let round: ChainHead = start
  let broken: ChainBreak | undefined

  /** Answers whether all that is new has been read. */
  async function look(open: ChainStore): Promise<boolean> {
    const fresh = await verifyAuditPart(open, newest, times.recordsMax)
    let found = fresh.broken
    newest = fresh.at
    if (!found && fresh.ended && fresh.records < times.recordsMax) {
      const old = await verifyAuditPart(open, round, times.recordsMax - fresh.records)
      found = old.broken
      round = old.ended ? start : old.at
      if (old.ended && !found) broken = undefined
    }
    if (found) {
      if (broken?.seq !== found.seq) log.error({ broken: found }, 'the audit trail is broken')
      broken = found
      newest = start
      round = start
    } else if (!fresh.ended) return false
    const at = now()
    const { seq } = broken ? { seq: broken.seq - 1 } : newest
    await open.recordAuditCheck({ seq, at, broken })
    metrics.verified(seq, at, broken !== undefined)
    return true
  }

  while (!signal.aborted) {
    const open = store()
    let done = false
    try {
      if (open) done = await look(open)
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the audit trail could not be verified')
      done = true
    }
    await pause(done ? times.everyMs : times.behindMs, signal)
  }
}

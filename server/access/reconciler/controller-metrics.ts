import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type AccessMetrics, accessMetrics } from './access-metrics.ts'

export type ControllerMetrics = AccessMetrics & {
  leads(isLeader: boolean): void
  /** `what` is the kind of key: `binding`, `service`, `sweep`. */
  reconciled(what: string, startedMs: number, failed: boolean): void
  /** How far the audit trail was found to hold, when, and whether it is broken behind that. */
  verified(seq: number, at: Date, broken: boolean): void
}

/** After controller-runtime's names, so that dashboards for controllers need little change. */
export function controllerMetrics(registry: Registry): ControllerMetrics {
  const registers = [registry]
  const leader = new Gauge({
    name: 'bindery_controller_leader',
    help: '1 in the one process that leads.',
    registers,
  })
  const total = new Counter({
    name: 'bindery_controller_reconcile_total',
    help: 'Keys worked on, by kind and result.',
    labelNames: ['what', 'result'],
    registers,
  })
  const time = new Histogram({
    name: 'bindery_controller_reconcile_time_seconds',
    help: 'Time of working on one key.',
    labelNames: ['what'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const verifiedSeq = new Gauge({
    name: 'bindery_audit_verified_records',
    help: 'The record up to which the audit trail was last found to hold.',
    registers,
  })
  const verifiedAt = new Gauge({
    name: 'bindery_audit_verified_timestamp_seconds',
    help: 'When the leader last verified the audit trail.',
    registers,
  })
  const auditBroken = new Gauge({
    name: 'bindery_audit_broken',
    help: '1 where the audit trail was found to be tampered with.',
    registers,
  })
  leader.set(0)
  return {
    ...accessMetrics(registry),
    verified(seq, at, broken) {
      verifiedSeq.set(seq)
      verifiedAt.set(at.getTime() / 1000)
      auditBroken.set(broken ? 1 : 0)
    },
    leads: (isLeader) => leader.set(isLeader ? 1 : 0),
    reconciled(what, startedMs, failed) {
      total.inc({ what, result: failed ? 'error' : 'success' })
      time.observe({ what }, (performance.now() - startedMs) / 1000)
    },
  }
}

import { Lease } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { isAlreadyExists, isConflict } from '#server/platform/kube/translate-status.ts'
import type { Log } from '#server/platform/log.ts'
import { pause } from '#server/platform/time/backoff.ts'

type Lead = {
  kube: Kube
  namespace: string
  name: string
  /** Unique per process: the pod's name. */
  identity: string
  leaseSeconds?: number
  signal: AbortSignal
  /** Called with each term; its signal ends when the lease may have been lost. */
  run: (signal: AbortSignal) => Promise<void>
  log?: Log
}

type Holder = 'ours' | 'theirs' | 'unknown'

/**
 * Runs while this process holds the Lease, and again after each time it was lost, until the signal aborts; the Lease is
 * then given back. Other holders are judged by whether their Lease changed on our own clock, never by the times written
 * in it. A Lease is no fence: for a moment two may run, so what runs must bear being done twice.
 */
export async function lead(options: Lead): Promise<void> {
  const { signal, leaseSeconds = 15 } = options
  const observed = { version: '', at: 0 }
  while (!signal.aborted) {
    const sentAt = performance.now()
    if ((await holdOrLog(options, observed)) === 'ours') {
      options.log?.info({ lease: options.name }, 'leading')
      try {
        await serveTerm(options, observed, sentAt)
      } finally {
        await giveBack(options).catch(() => {})
      }
    }
    await pause(leaseSeconds * (150 + Math.random() * 100), signal)
  }
}

async function serveTerm(
  options: Lead,
  observed: { version: string; at: number },
  acquiredAt: number,
): Promise<void> {
  const leaseMs = (options.leaseSeconds ?? 15) * 1000
  const term = new AbortController()
  const signal = AbortSignal.any([options.signal, term.signal])
  // A renewal may hang for longer than the lease: the end of the term waits for no answer.
  let deadline: NodeJS.Timeout | undefined
  const extend = (renewedAt: number) => {
    clearTimeout(deadline)
    const left = renewedAt + (leaseMs * 2) / 3 - performance.now()
    deadline = setTimeout(() => term.abort(), Math.max(0, left))
  }
  extend(acquiredAt)
  const running = options.run(signal).finally(() => term.abort())
  // It is awaited below; until then a failure must not count as unhandled.
  running.catch(() => {})
  while (!signal.aborted) {
    await pause(leaseMs / 5, signal)
    if (signal.aborted) break
    const sentAt = performance.now()
    const holder = await holdOrLog(options, observed)
    if (holder === 'ours' && !signal.aborted) extend(sentAt)
    if (holder === 'theirs') term.abort()
  }
  clearTimeout(deadline)
  if (!options.signal.aborted) options.log?.warn({ lease: options.name }, 'no longer leading')
  await running
}

async function holdOrLog(
  options: Lead,
  observed: { version: string; at: number },
): Promise<Holder> {
  try {
    return await hold(options, observed)
  } catch (error) {
    if (isAlreadyExists(error) || isConflict(error)) return 'unknown'
    options.log?.warn({ err: error, lease: options.name }, 'the lease could not be read or renewed')
    return 'unknown'
  }
}

/** Takes or renews the Lease if it is free, ours, or has not changed for its own duration. */
async function hold(
  { kube, namespace, name, identity, leaseSeconds = 15 }: Lead,
  observed: { version: string; at: number },
): Promise<Holder> {
  const now = new Date().toISOString().replace('Z', '000Z')
  const lease = await kube.find(Lease, { namespace, name })
  const mine = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, renewTime: now }
  if (!lease) {
    await kube.create(Lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
      spec: { ...mine, acquireTime: now, leaseTransitions: 0 },
    })
    return 'ours'
  }

  const { holderIdentity, leaseDurationSeconds = leaseSeconds, leaseTransitions = 0 } = lease.spec
  const version = lease.metadata.resourceVersion ?? ''
  if (version !== observed.version) Object.assign(observed, { version, at: performance.now() })
  const renewing = holderIdentity === identity
  const expired = performance.now() - observed.at > leaseDurationSeconds * 1000
  if (holderIdentity && !renewing && !expired) return 'theirs'

  const spec = renewing
    ? { ...lease.spec, ...mine }
    : { ...lease.spec, ...mine, acquireTime: now, leaseTransitions: leaseTransitions + 1 }
  await kube.replace(Lease, { ...lease, spec })
  return 'ours'
}

async function giveBack({ kube, namespace, name, identity }: Lead): Promise<void> {
  const lease = await kube.find(Lease, { namespace, name })
  if (lease?.spec.holderIdentity !== identity) return
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 }
  await kube.replace(Lease, { ...lease, spec })
}

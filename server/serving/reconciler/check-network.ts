import { request } from 'undici'
import type { Log } from '#server/platform/log.ts'
import { pause } from '#server/platform/time/backoff.ts'

/** Whether the cluster's network keeps anybody from anything; undefined where nobody can tell now. */
export type NetworkSeen = 'enforced' | 'not-enforced' | undefined

const answersWithinMs = 3000

/**
 * Tries to reach a ready pod of the gateway on the port that policies open to this process, and on the one that they keep
 * from it. One without the other is a policy at work; both is a network that takes no notice of policies.
 */
export async function checkNetwork(
  addresses: string[],
  ports: { open: number; closed: number },
  signal: AbortSignal,
): Promise<NetworkSeen> {
  for (const address of addresses) {
    const [open, closed] = await Promise.all([
      answers(address, ports.open, signal),
      answers(address, ports.closed, signal),
    ])
    if (closed) return 'not-enforced'
    if (open) return 'enforced'
  }
  return undefined
}

/** Any answer will do: what is tried is the way, and a way may be cut after it was opened. */
async function answers(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  const host = address.includes(':') ? `[${address}]` : address
  try {
    const { body } = await request(`http://${host}:${port}/livez`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]),
    })
    await body.dump()
    return true
  } catch {
    return false
  }
}

/** Tries again every `everyMs`, and calls back with each thing that is seen; what cannot be told changes nothing. */
export async function watchNetwork(
  look: () => Promise<NetworkSeen>,
  onSeen: (seen: Exclude<NetworkSeen, undefined>) => void,
  { everyMs, log, signal }: { everyMs: number; log: Log; signal: AbortSignal },
): Promise<void> {
  let last: NetworkSeen
  while (!signal.aborted) {
    const seen = await look()
    if (seen && seen !== last) {
      last = seen
      if (seen === 'not-enforced') log.warn({}, 'this cluster does not enforce NetworkPolicies')
      onSeen(seen)
    }
    // Until something was seen once, the gateway is still coming up.
    await pause(last ? everyMs : Math.min(everyMs, 5000), signal)
  }
}

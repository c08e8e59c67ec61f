import type { Log } from '#server/platform/log.ts'
import { gatewayPorts } from '#server/platform/model/names.ts'
import { checkNetwork, type NetworkSeen, watchNetwork } from './check-network.ts'
import { askEngines, type EnginesByService, watchEngines } from './watch-engines.ts'

/** A network plugin is changed seldom, and a try costs two connections. */
const tryNetworkMs = 60_000
/** How soon pages say that an engine is gone or another than it was. */
const lookAtEnginesMs = 10_000

/** What can be seen from the gateways' pods alone: whether the network keeps policies, and the engines behind them. */
export function lookBehindGateways(
  addresses: () => Promise<string[]>,
  onSeen: () => void,
  { log, signal }: { log: Log; signal: AbortSignal },
) {
  let network: NetworkSeen
  let engines: EnginesByService | undefined
  const { operations: open, serving: closed } = gatewayPorts
  const tries = watchNetwork(
    async () => checkNetwork(await addresses(), { open, closed }, signal),
    (seen) => {
      network = seen
      onSeen()
    },
    { everyMs: tryNetworkMs, log, signal },
  )
  const looks = watchEngines(
    async () => askEngines(await addresses(), open, signal),
    (seen) => {
      engines = seen
      onSeen()
    },
    { everyMs: lookAtEnginesMs, signal },
  )
  return {
    /** As refreshServiceStatus takes it. */
    of: (service: string) => ({ network, engines: engines?.[service] }),
    done: Promise.all([tries, looks]),
  }
}

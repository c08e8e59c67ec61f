import { sliceName } from './binding-names.ts'

export type AddressType = 'IPv4' | 'IPv6'

export type SliceEndpoint = {
  addresses: string[]
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
}

/** As much of an EndpointSlice as is looked at here. */
export type SliceLike = {
  metadata: { name: string }
  addressType: AddressType | 'FQDN'
  endpoints?: SliceEndpoint[]
}

export type WantedSlice = { name: string; addressType: AddressType; endpoints: SliceEndpoint[] }

/** As kube-proxy likes them, and the default of Kubernetes' own controller. */
export const endpointsMax = 100

/**
 * The slices of an alias that lead where the gateway's own do: dual stack where they are, at most 100 endpoints each,
 * and no more of them than that needs. An endpoint stays in the slice that has it already, so that one pod more or less
 * is one slice written. The first one belongs to the plan and is always there, if need be without endpoints.
 */
export function aliasSlices(alias: string, gateway: SliceLike[], live: SliceLike[]): WantedSlice[] {
  return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
    const wanted = mirrored(gateway.filter((slice) => slice.addressType === addressType))
    const count = Math.max(Math.ceil(wanted.size / endpointsMax), addressType === 'IPv4' ? 1 : 0)
    const names = Array.from({ length: count }, (_, index) => nameOf(alias, addressType, index))
    const places = names.map((name) => {
      const there = live.find((slice) => slice.metadata.name === name)?.endpoints ?? []
      const kept: SliceEndpoint[] = []
      for (const {
        addresses: [address = ''],
      } of there) {
        const endpoint = wanted.get(address)
        if (!endpoint || kept.length >= endpointsMax) continue
        kept.push(endpoint)
        wanted.delete(address)
      }
      return { name, addressType, endpoints: kept }
    })
    for (const endpoint of wanted.values()) {
      places.find(({ endpoints }) => endpoints.length < endpointsMax)?.endpoints.push(endpoint)
    }
    return places
  })
}

function nameOf(alias: string, addressType: AddressType, index: number): string {
  const family = addressType === 'IPv6' ? '-ipv6' : ''
  return `${sliceName(alias)}${family}${index === 0 ? '' : `-${index + 1}`}`
}

/**
 * By address, in a fixed order: what is ready, and what still serves while it ends, so that the last pod of a rollout is
 * drained and not cut. Which pod it is stays in the serving namespace.
 */
function mirrored(slices: SliceLike[]): Map<string, SliceEndpoint> {
  const found = slices
    .flatMap((slice) => slice.endpoints ?? [])
    .flatMap(({ addresses: [address], conditions = {} }): [string, SliceEndpoint][] => {
      // What is not said is true for ready and serving, false for terminating, as the API's own reading has it.
      const { ready = true, serving = ready, terminating = false } = conditions
      if (!address || !(ready || (serving && terminating))) return []
      return [[address, { addresses: [address], conditions: { ready, serving, terminating } }]]
    })
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

import type { EndpointSlice } from '#server/platform/kube/kinds.ts'

/** The addresses that are ready behind a Service, as the slices of its own name say; each once. */
export function readyAddresses(slices: EndpointSlice[]): string[] {
  const addresses = slices
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false)
    .flatMap((endpoint) => endpoint.addresses)
  return [...new Set(addresses)]
}

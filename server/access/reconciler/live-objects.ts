import type {
  EndpointSlice,
  NetworkPolicy,
  RoleBinding,
  Service,
} from '#server/platform/kube/kinds.ts'

/** What carries the uid of one binding, and what else leads its alias somewhere, as the controller's watches last saw it. */
export type LiveObjects = {
  services: Service[]
  slices: EndpointSlice[]
  rights: RoleBinding[]
  policies: NetworkPolicy[]
  /** Slices of others that name the alias's Service. */
  strays: EndpointSlice[]
}

import type { KubeObject } from '#server/lab/cluster/client.ts'
import { isObject, type Schema } from './schema/schema.ts'

/** The `spec` of a CustomResourceDefinition, apiextensions.k8s.io/v1. */
export type CrdSpec = {
  group: string
  scope: 'Namespaced' | 'Cluster'
  names: CrdNames
  versions: CrdVersion[]
  conversion?: { strategy: string }
  preserveUnknownFields?: boolean
}

export type CrdNames = {
  plural: string
  singular?: string
  kind: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export type CrdVersion = {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: { openAPIV3Schema?: Schema }
  subresources?: {
    status?: object
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
  }
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: { jsonPath: string }[]
}

export type PrinterColumn = {
  name: string
  type: string
  jsonPath: string
  format?: string
  description?: string
  priority?: number
}

export type CrdCondition = {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastTransitionTime: string
}

/** How the client names CRDs. */
export const crdResource = 'customresourcedefinitions.apiextensions.k8s.io'

/** The spec of a CRD, with lists where the author left them out; its content may still be wrong. */
export function specOf(crd: KubeObject): CrdSpec {
  const spec = isObject(crd.spec) ? crd.spec : {}
  return {
    ...(spec as unknown as CrdSpec),
    names: { ...(spec.names as unknown as CrdNames) },
    versions: Array.isArray(spec.versions) ? (spec.versions as unknown as CrdVersion[]) : [],
  }
}

export function storedVersion(spec: CrdSpec): CrdVersion | undefined {
  return spec.versions.find((one) => one.storage)
}

export function crdCondition(crd: KubeObject, type: string): CrdCondition | undefined {
  const conditions: unknown = crd.status?.conditions
  if (!Array.isArray(conditions)) return undefined
  return conditions.find((one) => one.type === type)
}

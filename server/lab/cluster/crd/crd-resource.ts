import type { Resource } from '#server/lab/cluster/api/resource.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { specOf, storedVersion } from './crd.ts'
import { unknownCrdFields } from './crd-fields.ts'
import { nameColumn } from './printer-columns.ts'
import { isObject, type Json } from './schema/schema.ts'
import { validateCrd } from './validate/validate-crd.ts'

/** CustomResourceDefinitions themselves. */
export const customResourceDefinitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  subresources: { status: true },
  generations: true,
  dropUnknown: (crd) => void unknownCrdFields(jsonOf(crd), true),
  unknownFields: (crd) => unknownCrdFields(jsonOf(crd), false),
  defaults: defaultCrd,
  prepareForCreate(crd) {
    const stored = storedVersion(specOf(crd))
    crd.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored ? [stored.name] : [],
    }
  },
  prepareForUpdate(crd, old, { subresource }) {
    if (subresource !== undefined) return
    const stored = storedVersion(specOf(crd))
    const before: unknown = old.status?.storedVersions
    const names = Array.isArray(before) ? before : []
    crd.status = {
      ...old.status,
      storedVersions: !stored || names.includes(stored.name) ? names : [...names, stored.name],
    }
  },
  validate: (crd, old, { subresource }) => (subresource === undefined ? validateCrd(crd, old) : []),
  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'date',
      description: 'When the definition was created.',
      cell: (crd) => crd.metadata.creationTimestamp,
    },
  ],
}

function defaultCrd(crd: KubeObject): void {
  if (!isObject(crd.spec)) return
  const names = isObject(crd.spec.names) ? crd.spec.names : {}
  if (typeof names.kind === 'string') {
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
  }
  crd.spec.conversion ??= { strategy: 'None' }
}

function jsonOf(crd: KubeObject): Json {
  return isObject(crd) ? crd : {}
}

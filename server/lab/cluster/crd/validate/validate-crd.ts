import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  element,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import {
  type CrdNames,
  type CrdSpec,
  type CrdVersion,
  crdCondition,
  specOf,
} from '#server/lab/cluster/crd/crd.ts'
import { jsonPath } from '#server/lab/cluster/crd/schema/json-path.ts'
import { stableJson } from '#server/lab/cluster/crd/schema/list-types.ts'
import { isObject, type Json, type Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { validateSchema } from './validate-schema.ts'

/** All that is wrong with a CustomResourceDefinition, and with the change of an existing one. */
export function validateCrd(crd: KubeObject, old?: KubeObject): Cause[] {
  if (!isObject(crd.spec)) return [requiredValue('spec')]
  const spec = specOf(crd)
  return [
    ...validateName(crd, spec),
    ...validateGroup(crd, spec),
    ...validateScope(spec),
    ...validateVersions(spec),
    ...validateNames(spec.names, 'spec.names'),
    ...(spec.preserveUnknownFields === true
      ? [invalidValue('spec.preserveUnknownFields', true, 'must be false')]
      : []),
    ...(old
      ? validateChange(spec, specOf(old), crdCondition(old, 'Established')?.status === 'True')
      : []),
    ...(old ? validateStoredVersions(crd, spec) : []),
  ]
}

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/
const dnsLabelSentence =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

function validateName(crd: KubeObject, spec: CrdSpec): Cause[] {
  const { name } = crd.metadata
  if (!name || name === `${spec.names.plural}.${spec.group}`) return []
  return [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

function validateGroup(crd: KubeObject, { group }: CrdSpec): Cause[] {
  if (!group) return [requiredValue('spec.group')]
  if (!group.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part))) {
    const detail =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    return [invalidValue('spec.group', group, detail)]
  }
  if (!group.includes('.')) {
    return [invalidValue('spec.group', group, 'should be a domain with at least one dot')]
  }
  const approval = 'api-approved.kubernetes.io'
  if (/(^|\.)(k8s|kubernetes)\.io$/.test(group) && !crd.metadata.annotations?.[approval]) {
    const detail = `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`
    return [requiredValue(`metadata.annotations[${approval}]`, detail)]
  }
  return []
}

function validateScope({ scope }: CrdSpec): Cause[] {
  if (!scope) return [requiredValue('spec.scope')]
  const known = ['Cluster', 'Namespaced']
  return known.includes(scope) ? [] : [unsupportedValue('spec.scope', scope, known)]
}

function validateVersions(spec: CrdSpec): Cause[] {
  const { versions } = spec
  const causes: Cause[] = []
  if (new Set(versions.map((one) => one.name)).size < versions.length) {
    causes.push(invalidValue('spec.versions', versions, 'must contain unique version names'))
  }
  if (versions.filter((one) => one.storage).length !== 1) {
    const detail = 'must have exactly one version marked as storage version'
    causes.push(invalidValue('spec.versions', versions, detail))
  }
  const schemas = versions.map((one) => stableJson((one.schema ?? null) as unknown as Json))
  // Versions that share one schema are reported once, under the name that the server's own type gives it.
  const shared = new Set(schemas).size === 1
  for (const [index, version] of versions.entries()) {
    const at = element('spec.versions', index)
    causes.push(...validateVersion(version, at))
    const schema = version.schema?.openAPIV3Schema
    if (!schema) {
      causes.push(requiredValue(child(at, 'schema.openAPIV3Schema'), 'schemas are required'))
    } else if (!shared || index === 0) {
      const base = shared ? 'spec.validation' : child(at, 'schema')
      causes.push(...validateSchema(schema, child(base, 'openAPIV3Schema')))
    }
  }
  return causes
}

function validateVersion(version: CrdVersion, path: string): Cause[] {
  const causes: Cause[] = []
  if (!version.name || !dnsLabel.test(version.name)) {
    causes.push(invalidValue(child(path, 'name'), version.name ?? '', dnsLabelSentence))
  }
  if (version.deprecationWarning !== undefined && !version.deprecated) {
    const detail = 'can only be set for deprecated versions'
    causes.push(invalidValue(child(path, 'deprecationWarning'), version.deprecationWarning, detail))
  }
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const at = element(child(path, 'additionalPrinterColumns'), index)
    const known = ['boolean', 'date', 'integer', 'number', 'string']
    if (!column.name) causes.push(requiredValue(child(at, 'name')))
    if (!column.type)
      causes.push(requiredValue(child(at, 'type'), `must be one of ${known.join(',')}`))
    else if (!known.includes(column.type)) {
      causes.push(invalidValue(child(at, 'type'), column.type, `must be one of ${known.join(',')}`))
    }
    if (!column.jsonPath) causes.push(requiredValue(child(at, 'jsonPath')))
    else if (!jsonPath(column.jsonPath)) {
      causes.push(invalidValue(child(at, 'jsonPath'), column.jsonPath, 'illegal JSON path'))
    }
  }
  for (const [index, { jsonPath: selected }] of (version.selectableFields ?? []).entries()) {
    const at = child(element(child(path, 'selectableFields'), index), 'jsonPath')
    const target = schemaAt(version.schema?.openAPIV3Schema, selected)
    if (!target)
      causes.push(invalidValue(at, selected, 'is an invalid path: does not refer to a valid field'))
    else if (!['string', 'boolean', 'integer'].includes(target.type ?? '')) {
      causes.push(
        invalidValue(
          at,
          selected,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    }
  }
  return causes
}

function schemaAt(root: Schema | undefined, path: string): Schema | undefined {
  const names = path.split('.').slice(1)
  return names.reduce<Schema | undefined>((schema, name) => schema?.properties?.[name], root)
}

function validateNames(names: CrdNames, path: string): Cause[] {
  const causes: Cause[] = []
  const check = (name: string, value: string | undefined, mixedCase: boolean) => {
    if (!value) causes.push(requiredValue(child(path, name)))
    else if (!dnsLabel.test(mixedCase ? value.toLowerCase() : value)) {
      const prefix = mixedCase ? 'may have mixed case, but should otherwise match: ' : ''
      causes.push(invalidValue(child(path, name), value, `${prefix}${dnsLabelSentence}`))
    }
  }
  check('plural', names.plural, false)
  check('singular', names.singular, false)
  check('kind', names.kind, true)
  check('listKind', names.listKind, true)
  if (names.kind && names.kind === names.listKind) {
    const detail = 'kind and listKind may not be the same'
    causes.push(invalidValue(child(path, 'listKind'), names.listKind, detail))
  }
  for (const [field, list] of Object.entries({
    shortNames: names.shortNames,
    categories: names.categories,
  })) {
    for (const [index, one] of (list ?? []).entries()) {
      if (!dnsLabel.test(one)) {
        causes.push(invalidValue(element(child(path, field), index), one, dnsLabelSentence))
      }
    }
  }
  return causes
}

function validateChange(spec: CrdSpec, old: CrdSpec, established: boolean): Cause[] {
  const fixed: [string, unknown, unknown][] = [
    ['spec.group', spec.group, old.group],
    ['spec.names.plural', spec.names.plural, old.names.plural],
    ...(established
      ? ([
          ['spec.scope', spec.scope, old.scope],
          ['spec.names.kind', spec.names.kind, old.names.kind],
        ] as [string, unknown, unknown][])
      : []),
  ]
  return fixed
    .filter(([, now, before]) => now !== before)
    .map(([field, now]) => invalidValue(field, now, 'field is immutable'))
}

function validateStoredVersions(crd: KubeObject, spec: CrdSpec): Cause[] {
  const stored: unknown = crd.status?.storedVersions
  if (!Array.isArray(stored)) return []
  return stored.flatMap((name, index) => {
    const known = spec.versions.some((one) => one.name === name)
    const detail = 'missing from spec.versions; spec.versions must contain all versions listed here'
    return known ? [] : [invalidValue(element('status.storedVersions', index), name, detail)]
  })
}

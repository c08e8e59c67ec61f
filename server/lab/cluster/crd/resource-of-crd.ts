import type { OtherVersion, Resource } from '#server/lab/cluster/api/resource.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { type CrdVersion, crdCondition, specOf, storedVersion } from './crd.ts'
import { printerColumns } from './printer-columns.ts'
import { type CompiledSchema, compileSchema } from './schema/compile-schema.ts'
import { jsonPath } from './schema/json-path.ts'
import { isObject, type Json } from './schema/schema.ts'

/**
 * What the API serves for a CRD.
 * @returns undefined until its names are accepted, and where no version is served
 */
export function resourceOfCrd(crd: KubeObject): Resource | undefined {
  const spec = specOf(crd)
  const stored = storedVersion(spec)
  const served = spec.versions.filter((one) => one.served)
  const main = stored?.served ? stored : served[0]
  if (!stored || !main || crdCondition(crd, 'NamesAccepted')?.status !== 'True') return undefined
  const schema = compileSchema(stored.schema?.openAPIV3Schema ?? { type: 'object' })
  const { names } = spec
  return {
    group: spec.group,
    version: main.name,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: spec.scope === 'Namespaced',
    ...(names.shortNames ? { shortNames: names.shortNames } : {}),
    ...(names.categories ? { categories: names.categories } : {}),
    subresources: subresourcesOf(stored),
    otherVersions: served.filter((one) => one !== main).map(otherVersion),
    schema: schema.schema,
    custom: true,
    generations: true,
    ...behaviourOf(schema, stored),
    warnings: () => deprecationOf(main, spec.group, names.kind),
    columns: printerColumns(main),
    selectableFields: selectableFields(main),
  }
}

type Behaviour = Pick<
  Resource,
  | 'dropUnknown'
  | 'unknownFields'
  | 'defaults'
  | 'prepareForCreate'
  | 'prepareForUpdate'
  | 'validate'
>

function behaviourOf(schema: CompiledSchema, version: CrdVersion): Behaviour {
  const hasStatus = version.subresources?.status !== undefined
  return {
    dropUnknown: (object) => void schema.prune(jsonOf(object)),
    unknownFields: (object) => schema.unknownFields(jsonOf(object)),
    defaults: (object) => schema.applyDefaults(jsonOf(object)),
    prepareForCreate(object) {
      if (hasStatus) delete object.status
    },
    prepareForUpdate(object, old, { subresource }) {
      if (!hasStatus) return
      if (subresource === undefined) copyStatus(old, object)
    },
    validate: (object, old) => schema.validate(jsonOf(object), old && jsonOf(old)),
  }
}

function copyStatus(from: KubeObject, to: KubeObject): void {
  if (from.status === undefined) delete to.status
  else to.status = from.status
}

function subresourcesOf(version: CrdVersion): NonNullable<Resource['subresources']> {
  const scale = version.subresources?.scale
  return {
    ...(version.subresources?.status ? { status: true } : {}),
    ...(scale
      ? {
          scale: {
            specReplicas: scale.specReplicasPath.replace(/^\./, ''),
            statusReplicas: scale.statusReplicasPath.replace(/^\./, ''),
            ...(scale.labelSelectorPath
              ? { selector: scale.labelSelectorPath.replace(/^\./, '') }
              : {}),
          },
        }
      : {}),
  }
}

function otherVersion(version: CrdVersion): OtherVersion {
  const schema = version.schema?.openAPIV3Schema
  return {
    version: version.name,
    ...(schema ? { schema } : {}),
    columns: printerColumns(version),
  }
}

function deprecationOf(version: CrdVersion, group: string, kind: string): string[] {
  if (!version.deprecated) return []
  return [version.deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`]
}

function selectableFields(version: CrdVersion): Record<string, (object: KubeObject) => string> {
  const fields = (version.selectableFields ?? []).map((one) => {
    const find = jsonPath(one.jsonPath)
    const text = (object: KubeObject) => {
      const value = find?.(object)[0]
      return value === undefined || value === null ? '' : String(value)
    }
    return [one.jsonPath.replace(/^\./, ''), text] as const
  })
  return Object.fromEntries(fields)
}

function jsonOf(object: KubeObject): Json {
  return isObject(object) ? object : {}
}

import { child, element } from './causes.ts'
import { isObject, type Json, type JsonObject } from './schema/schema.ts'

/** The fields of a CustomResourceDefinition; schemas nest in themselves, so no schema could describe them. */
type Fields = { [name: string]: 'any' | Fields | [Fields] | 'schema' }

const crdFields: Fields = {
  apiVersion: 'any',
  kind: 'any',
  metadata: 'any',
  status: 'any',
  spec: {
    group: 'any',
    scope: 'any',
    names: {
      plural: 'any',
      singular: 'any',
      kind: 'any',
      listKind: 'any',
      shortNames: 'any',
      categories: 'any',
    },
    preserveUnknownFields: 'any',
    conversion: { strategy: 'any', webhook: 'any' },
    versions: [
      {
        name: 'any',
        served: 'any',
        storage: 'any',
        deprecated: 'any',
        deprecationWarning: 'any',
        schema: { openAPIV3Schema: 'schema' },
        subresources: {
          status: 'any',
          scale: { specReplicasPath: 'any', statusReplicasPath: 'any', labelSelectorPath: 'any' },
        },
        additionalPrinterColumns: [
          {
            name: 'any',
            type: 'any',
            jsonPath: 'any',
            format: 'any',
            description: 'any',
            priority: 'any',
          },
        ],
        selectableFields: [{ jsonPath: 'any' }],
      },
    ],
  },
}

const schemaFields = new Set(
  `id $schema $ref description type format title default maximum exclusiveMaximum minimum exclusiveMinimum maxLength
  minLength pattern maxItems minItems uniqueItems multipleOf enum maxProperties minProperties required items allOf oneOf
  anyOf not properties additionalProperties patternProperties dependencies additionalItems definitions externalDocs
  example nullable x-kubernetes-preserve-unknown-fields x-kubernetes-embedded-resource x-kubernetes-int-or-string
  x-kubernetes-list-map-keys x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-validations`.split(
    /\s+/,
  ),
)

const ruleFields: Fields = {
  rule: 'any',
  message: 'any',
  messageExpression: 'any',
  reason: 'any',
  fieldPath: 'any',
  optionalOldSelf: 'any',
}

/** The paths of the fields of a CRD that no API server knows; removed in place if asked. */
export function unknownCrdFields(crd: Json, remove: boolean): string[] {
  const found: string[] = []
  walk(crd, crdFields, '', (object, name, path) => {
    found.push(path)
    if (remove) delete object[name]
  })
  return found
}

type Report = (object: JsonObject, name: string, path: string) => void

function walk(value: Json, fields: Fields, path: string, report: Report): void {
  if (!isObject(value)) return
  for (const [name, one] of Object.entries(value)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    const at = child(path, name)
    if (known === undefined) report(value, name, at)
    else if (known === 'schema') walkSchema(one, at, report)
    else if (Array.isArray(known)) walkList(one, known[0], at, report)
    else if (known !== 'any') walk(one, known, at, report)
  }
}

function walkList(list: Json, fields: Fields, path: string, report: Report): void {
  if (!Array.isArray(list)) return
  for (const [index, one] of list.entries()) walk(one, fields, element(path, index), report)
}

function walkSchema(schema: Json, path: string, report: Report): void {
  if (!isObject(schema)) return
  for (const [name, one] of Object.entries(schema)) {
    const at = child(path, name)
    if (!schemaFields.has(name)) report(schema, name, at)
    else if (name === 'items' || name === 'not' || name === 'additionalProperties')
      walkSchema(one, at, report)
    else if (name === 'x-kubernetes-validations') walkList(one, ruleFields, at, report)
    else if (name === 'properties' && isObject(one)) {
      for (const [key, property] of Object.entries(one))
        walkSchema(property, child(at, key), report)
    } else if (/^(all|any|one)Of$/.test(name) && Array.isArray(one)) {
      for (const [index, branch] of one.entries()) walkSchema(branch, element(at, index), report)
    }
  }
}

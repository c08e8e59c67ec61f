import { type Cause, invalidValue } from '#server/lab/cluster/crd/causes.ts'
import {
  compileRules,
  evaluateRules,
  type RuleProblem,
} from '#server/lab/cluster/crd/cel/cel-rules.ts'
import { validateValue } from '#server/lab/cluster/crd/validate/validate-value.ts'
import { applyDefaults } from './defaults.ts'
import { validateListTypes } from './list-types.ts'
import { prune, unknownFields } from './prune.ts'
import type { Json, Schema } from './schema.ts'

/** What an API server does with the objects of one version of a custom kind. */
export type CompiledSchema = {
  schema: Schema
  /** Rules that do not compile; a CRD that has any is refused. */
  problems: RuleProblem[]
  /** Drops unknown fields in place; returns their paths. */
  prune(object: Json): string[]
  /** The paths of unknown fields. */
  unknownFields(object: Json): string[]
  applyDefaults(object: Json): void
  /** All that is wrong with an object, and with the change from `old` to it where there is an `old`. */
  validate(object: Json, old?: Json): Cause[]
}

/** Prepares an `openAPIV3Schema` once, for use with every object of the kind. */
export function compileSchema(openAPIV3Schema: Schema): CompiledSchema {
  const schema = withMeta(openAPIV3Schema)
  const { tree, problems } = compileRules(openAPIV3Schema)
  return {
    schema: openAPIV3Schema,
    problems,
    prune: (object) => prune(object, openAPIV3Schema),
    unknownFields: (object) => unknownFields(object, openAPIV3Schema),
    applyDefaults: (object) => applyDefaults(object, openAPIV3Schema),
    validate(object, old) {
      const wrongValues = byField(validateValue(object, schema))
      const hadDuplicates = old !== undefined && validateListTypes(old, openAPIV3Schema).length > 0
      const wrongLists = hadDuplicates ? [] : validateListTypes(object, openAPIV3Schema)
      const causes = [...wrongValues, ...wrongLists]
      if (!tree) return causes
      if (causes.some((one) => blocking.has(one.reason))) return [...causes, notChecked]
      return [...causes, ...evaluateRules(tree, object, old)]
    },
  }
}

const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const notChecked = invalidValue(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

/** The schema may leave out what every object has; its types hold all the same. */
function withMeta(schema: Schema): Schema {
  const { metadata, ...properties } = schema.properties ?? {}
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { ...metadata, type: 'object' },
    },
  }
}

function byField(causes: Cause[]): Cause[] {
  return causes.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0))
}

import {
  type Cause,
  child,
  element,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { compileRules } from '#server/lab/cluster/crd/cel/cel-rules.ts'
import type { Schema, ValidationRule } from '#server/lab/cluster/crd/schema/schema.ts'

const reasons = [
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
  'FieldValueDuplicate',
]

/** The rules of all nodes: well-formed, and compiling against the types around them. */
export function validateRules(schema: Schema, paths: Map<Schema, string>): Cause[] {
  const causes: Cause[] = []
  for (const [node, path] of paths) {
    for (const [index, rule] of (node['x-kubernetes-validations'] ?? []).entries()) {
      causes.push(
        ...validateRule(rule, node, element(child(path, 'x-kubernetes-validations'), index)),
      )
    }
  }
  if (causes.length > 0) return causes
  return compileRules(schema).problems.map(({ schema: node, index, field, detail }) => {
    const rule = node['x-kubernetes-validations']?.[index]
    const at = element(child(paths.get(node) ?? '', 'x-kubernetes-validations'), index)
    return invalidValue(child(at, field), field === 'rule' ? goRule(rule) : rule?.[field], detail)
  })
}

function validateRule(rule: ValidationRule, node: Schema, path: string): Cause[] {
  const causes: Cause[] = []
  const source = rule.rule ?? ''
  if (source.trim() === '') causes.push(requiredValue(child(path, 'rule'), 'rule is not specified'))
  if (rule.message?.includes('\n')) {
    const detail = 'message must not contain line breaks'
    causes.push(invalidValue(child(path, 'message'), rule.message, detail))
  }
  if (source.includes('\n') && !rule.message) {
    const detail = 'message must be specified if rule contains line breaks'
    causes.push(requiredValue(child(path, 'message'), detail))
  }
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    causes.push(unsupportedValue(child(path, 'reason'), rule.reason, reasons))
  }
  if (rule.fieldPath !== undefined && !refersToField(rule.fieldPath, node)) {
    const detail = `fieldPath "${rule.fieldPath}" must be a valid path: does not refer to a valid field`
    causes.push(invalidValue(child(path, 'fieldPath'), rule.fieldPath, detail))
  }
  return causes
}

function refersToField(path: string, schema: Schema): boolean {
  let at: Schema | undefined = schema
  const steps = [...path.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)]
  if (steps.map(([whole]) => whole).join('') !== path || steps.length === 0) return false
  for (const [, dotted, quoted = ''] of steps) {
    const rest: Schema | boolean | undefined = at?.additionalProperties
    at = at?.properties
      ? at.properties[dotted ?? quoted]
      : typeof rest === 'object'
        ? rest
        : undefined
  }
  return at !== undefined
}

/** Items of lists without keys have no counterpart in the old object, so their rules cannot ask for it. */
export function validateOldSelf(schema: Schema, path: string, broken?: string): Cause[] {
  const causes: Cause[] = []
  if (broken !== undefined) {
    for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
      if (!/\boldSelf\b/.test(rule.rule)) continue
      const at = child(element(child(path, 'x-kubernetes-validations'), index), 'rule')
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${broken}`
      causes.push(invalidValue(at, rule.rule, detail))
    }
  }
  const cut = schema['x-kubernetes-map-type'] === 'atomic' ? (broken ?? path) : broken
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    causes.push(...validateOldSelf(property, element(child(path, 'properties'), name), cut))
  }
  if (typeof schema.additionalProperties === 'object') {
    causes.push(
      ...validateOldSelf(schema.additionalProperties, child(path, 'additionalProperties'), cut),
    )
  }
  if (schema.items) {
    const within = schema['x-kubernetes-list-type'] === 'map' ? cut : (broken ?? path)
    causes.push(...validateOldSelf(schema.items, child(path, 'items'), within))
  }
  return causes
}

/** A rule is shown as the server's own struct. */
function goRule(rule: ValidationRule | undefined): object {
  return {
    Rule: rule?.rule ?? '',
    Message: rule?.message ?? '',
    MessageExpression: rule?.messageExpression ?? '',
    Reason: rule?.reason ?? null,
    FieldPath: rule?.fieldPath ?? '',
    OptionalOldSelf: rule?.optionalOldSelf ?? null,
  }
}

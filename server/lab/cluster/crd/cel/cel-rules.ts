import { Optional } from '@marcbachmann/cel-js'
import {
  type Cause,
  child,
  duplicateValue,
  element,
  forbiddenValue,
  invalidValue,
  omitted,
  requiredValue,
} from '#server/lab/cluster/crd/causes.ts'
import { itemKey } from '#server/lab/cluster/crd/schema/list-types.ts'
import {
  isObject,
  type Json,
  ownProperty,
  type Schema,
  type ValidationRule,
} from '#server/lab/cluster/crd/schema/schema.ts'
import { type Compiled, compileExpression, runtimeMessage } from './cel-compile.ts'
import { kubernetesEnvironment } from './cel-functions.ts'
import { type CelType, declareType } from './cel-types.ts'

/** A schema with its compiled rules; only the branches that hold rules are kept. */
export type RuleTree = {
  schema: Schema
  toCel: CelType['toCel']
  rules: CompiledRule[]
  properties: Record<string, RuleTree>
  additional?: RuleTree
  items?: RuleTree
}

type CompiledRule = {
  source: ValidationRule
  program: Compiled
  message?: Compiled
}

/** What is wrong with a rule: which of its fields, and why. */
export type RuleProblem = {
  schema: Schema
  index: number
  field: keyof ValidationRule
  detail: string
}

/**
 * Compiles all `x-kubernetes-validations` of a schema.
 * @param isResource true at the root of a kind
 * @returns the tree (undefined if there are no rules) and what is wrong with rules that do not compile
 */
export function compileRules(
  schema: Schema,
  isResource = true,
): { tree: RuleTree | undefined; problems: RuleProblem[] } {
  const problems: RuleProblem[] = []
  return { tree: compileNode(schema, isResource, problems), problems }
}

/** Evaluates all rules of a tree; transition rules only where there is an old value to compare with. */
export function evaluateRules(
  tree: RuleTree,
  value: Json,
  old: Json | undefined,
  path = '',
): Cause[] {
  if (value === null) return []
  const causes = tree.rules.flatMap((rule) => evaluateRule(rule, tree, value, old, path))
  if (Array.isArray(value)) {
    const { items, schema } = tree
    if (!items) return causes
    const before = oldItems(old, schema)
    const inner = value.flatMap((one, index) => {
      const key = schema['x-kubernetes-list-type'] === 'map' ? itemKey(one, schema) : undefined
      const counterpart = key === undefined ? undefined : before.get(key)
      return evaluateRules(items, one, counterpart, element(path, index))
    })
    return [...causes, ...inner]
  }
  if (!isObject(value)) return causes
  const atomic = tree.schema['x-kubernetes-map-type'] === 'atomic'
  const previous = isObject(old) && !atomic ? old : {}
  for (const [name, one] of Object.entries(value)) {
    const counterpart = ownProperty(previous, name)
    const property = ownProperty(tree.properties, name)
    if (property) causes.push(...evaluateRules(property, one, counterpart, child(path, name)))
    else if (tree.additional && !ownProperty(tree.schema.properties, name)) {
      causes.push(...evaluateRules(tree.additional, one, counterpart, element(path, name)))
    }
  }
  return causes
}

function compileNode(
  schema: Schema,
  isResource: boolean,
  problems: RuleProblem[],
): RuleTree | undefined {
  const properties: Record<string, RuleTree> = Object.create(null)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const tree = compileNode(
      property,
      property['x-kubernetes-embedded-resource'] === true,
      problems,
    )
    if (tree) properties[name] = tree
  }
  const { items: itemSchema, additionalProperties: rest } = schema
  const items = itemSchema && compileNode(itemSchema, false, problems)
  const additional = typeof rest === 'object' ? compileNode(rest, false, problems) : undefined
  const { rules, toCel } = compileOwnRules(schema, isResource, problems)
  const isEmpty =
    rules.length === 0 && !items && !additional && Object.keys(properties).length === 0
  return isEmpty ? undefined : { schema, toCel, rules, properties, items, additional }
}

function compileOwnRules(
  schema: Schema,
  isResource: boolean,
  problems: RuleProblem[],
): { rules: CompiledRule[]; toCel: CelType['toCel'] } {
  const sources = schema['x-kubernetes-validations'] ?? []
  if (sources.length === 0) return { rules: [], toCel: (value) => value }
  const env = kubernetesEnvironment()
  const type = declareType(env, schema, isResource)
  const rules: CompiledRule[] = []
  for (const [index, source] of sources.entries()) {
    const report = (field: keyof ValidationRule, detail: string) =>
      problems.push({ schema, index, field, detail })
    if (!type) {
      report('rule', 'rule declared on schema that does not support validation rules')
      continue
    }
    const scope = env.clone().registerVariable('self', type.name)
    scope.registerVariable('oldSelf', source.optionalOldSelf ? `optional<${type.name}>` : type.name)
    const types = typesWithin(type)
    const program = compileExpression(scope, types, source.rule, 'bool')
    if ('problem' in program) report('rule', program.problem)
    const message =
      source.messageExpression === undefined
        ? undefined
        : compileExpression(scope, types, source.messageExpression, 'string')
    if (message && 'problem' in message)
      report('messageExpression', messageProblem(message.problem))
    if (!('problem' in program) && !(message && 'problem' in message)) {
      rules.push({ source, program, message })
    }
  }
  return { rules, toCel: type?.toCel ?? ((value) => value) }
}

function messageProblem(problem: string): string {
  return problem.startsWith('compilation failed') ? `messageExpression ${problem}` : problem
}

function typesWithin(type: CelType): CelType[] {
  const inner = [...Object.values(type.fields ?? {}), ...(type.values ? [type.values] : [])]
  return [type, ...inner.flatMap(typesWithin)]
}

function evaluateRule(
  rule: CompiledRule,
  tree: RuleTree,
  value: Json,
  old: Json | undefined,
  path: string,
): Cause[] {
  const { source, program } = rule
  const hasOld = old !== undefined && old !== null
  if (program.usesOldSelf && !hasOld && !source.optionalOldSelf) return []
  const variables: Record<string, unknown> = { self: tree.toCel(value) }
  if (program.usesOldSelf || rule.message?.usesOldSelf) {
    variables.oldSelf = oldSelf(tree, old, source.optionalOldSelf === true)
  }
  try {
    if (program.run(variables) === true) return []
  } catch (error) {
    const detail = `${runtimeMessage(error)} evaluating rule: ${ruleName(source)}`
    return [invalidValue(shownField(path), tree.schema.type ?? '', detail)]
  }
  const field = `${path}${source.fieldPath?.replaceAll(/\['([^']*)'\]/g, '[$1]') ?? ''}`
  const shown = isObject(value) || Array.isArray(value) ? omitted : value
  return [
    causeOf(source.reason, shownField(field.replace(/^\./, '')), shown, messageOf(rule, variables)),
  ]
}

function oldSelf(tree: RuleTree, old: Json | undefined, optional: boolean): unknown {
  const value = old === undefined || old === null ? undefined : tree.toCel(old)
  if (!optional) return value
  return value === undefined ? Optional.none() : Optional.of(value)
}

function causeOf(reason: string | undefined, field: string, value: unknown, detail: string): Cause {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenValue(field, detail)
    case 'FieldValueRequired':
      return requiredValue(field, detail)
    case 'FieldValueDuplicate':
      return duplicateValue(field, value)
    default:
      return invalidValue(field, value, detail)
  }
}

function messageOf(rule: CompiledRule, variables: Record<string, unknown>): string {
  const { source, message } = rule
  if (message) {
    const said = tryMessage(message, variables)
    if (said !== undefined) return said
  }
  return source.message ? source.message.trim() : `failed rule: ${ruleName(source)}`
}

/** A message expression that fails, or says nothing usable, falls back to the plain message. */
function tryMessage(message: Compiled, variables: Record<string, unknown>): string | undefined {
  try {
    const said = message.run(variables)
    const text = typeof said === 'string' ? said.trim() : ''
    return text === '' || text.includes('\n') || text.length > 5_120 ? undefined : text
  } catch {
    return undefined
  }
}

function ruleName(source: ValidationRule): string {
  return (source.message || source.rule).trim()
}

function shownField(path: string): string {
  return path === '' ? '<nil>' : path
}

function oldItems(old: Json | undefined, schema: Schema): Map<string, Json> {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return new Map()
  return new Map(old.map((one) => [itemKey(one, schema) ?? '', one]))
}

import { type ParamSpec, type Step, typeOfValue } from '#server/lab/cluster/tekton/task-types.ts'
import { type FieldError, fieldError, invalidValue, missingField, via } from './field-error.ts'
import { goList } from './go-text.ts'
import { checkSteps } from './validate-step.ts'
import { checkIsolated, checkKnown, checkNoLists, checkNoWholes } from './variables.ts'

const plainName = /^[_a-zA-Z][_a-zA-Z0-9.-]*$/
const objectName = /^[_a-zA-Z][_a-zA-Z0-9-]*$/

/** Types of declared parameters, and of their defaults. */
export function validateParamTypes(params: ParamSpec[]): FieldError[] {
  return params.flatMap((param) => {
    if (param.type !== 'string' && param.type !== 'array' && param.type !== 'object')
      return [invalidValue(param.type ?? '', `${param.name}.type`)]
    const given = param.default === undefined ? param.type : typeOfValue(param.default)
    if (given !== param.type)
      return [
        fieldError(
          `"${param.type}" type does not match default value's type: "${given}"`,
          `${param.name}.type`,
          `${param.name}.default.type`,
        ),
      ]
    const wrong = Object.entries(param.properties ?? {}).filter(([, one]) => one.type !== 'string')
    if (wrong.length === 0) return []
    return [
      fieldError(
        `The value type specified for these keys ${goList(wrong.map(([key]) => key))} is invalid`,
        `${param.name}.properties`,
      ),
    ]
  })
}

/** Names of parameters, and list parameters only where a list may stand. */
export function validateParamVariables(steps: Step[], params: ParamSpec[]): FieldError[] {
  const lists = params.filter((param) => param.type === 'array').map((param) => param.name)
  return [
    ...duplicates(params),
    ...via('params', params.flatMap(validateEnum)),
    ...validateNames(params),
    ...checkSteps(steps, 'params', new Set(lists), checkNoLists, { list: checkIsolated }),
  ]
}

/** Every parameter that the steps use is declared, and objects are used key by key. */
export function validateParamUse(steps: Step[], params: ParamSpec[]): FieldError[] {
  const objects = params.filter((param) => param.type === 'object')
  return [
    ...checkSteps(steps, 'params', new Set(params.map((param) => param.name)), checkKnown, {
      onError: true,
    }),
    ...objects.flatMap((param) =>
      checkSteps(
        steps,
        `params\\.${param.name}`,
        new Set(Object.keys(param.properties ?? {})),
        checkKnown,
      ),
    ),
    ...checkSteps(steps, 'params', new Set(objects.map((param) => param.name)), checkNoWholes),
    ...objects
      .filter((param) => !param.properties)
      .map((param) => missingField(`${param.name}.properties`)),
  ]
}

function duplicates(params: ParamSpec[]): FieldError[] {
  const names = params.map((param) => param.name)
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...repeated].map((name) =>
    fieldError('parameter appears more than once', `params[${name}]`),
  )
}

function validateEnum(param: ParamSpec): FieldError[] {
  if (!param.enum?.length) return []
  const gate = 'feature flag `enable-param-enum` should be set to true to use Enum'
  const errors = [fieldError(gate, `[${param.name}]`)]
  if (param.type !== 'string')
    errors.push(fieldError('enum can only be set with string type param', `[${param.name}]`))
  return errors
}

function validateNames(params: ParamSpec[]): FieldError[] {
  const errors: FieldError[] = []
  const wrong = params
    .filter((param) => param.type !== 'object' && !plainName.test(param.name))
    .map((param) => param.name)
    .sort()
  if (wrong.length > 0)
    errors.push({
      message: `The format of following array and string variable names is invalid: ${goList(wrong)}`,
      paths: ['params'],
      details:
        'String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)',
    })
  const wrongObjects = params
    .filter((param) => param.type === 'object')
    .map((param) => ({
      name: param.name,
      keys: Object.keys(param.properties ?? {}).filter((key) => !objectName.test(key)),
    }))
    .filter(({ name, keys }) => keys.length > 0 || !objectName.test(name))
  if (wrongObjects.length > 0)
    errors.push({
      message: `Object param name and key name format is invalid: map[${wrongObjects.map(({ name, keys }) => `${name}:${goList(keys)}`).join(' ')}]`,
      paths: ['params'],
      details:
        'Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_) \nMust begin with a letter or an underscore (_)',
    })
  return errors
}

import type { ResultSpec, Step } from '#server/lab/cluster/tekton/task-types.ts'
import {
  type FieldError,
  fieldError,
  invalidValue,
  missingField,
  via,
  viaIndex,
} from './field-error.ts'
import { goQuote, parseGoDuration } from './go-text.ts'
import { checkKnown, type ReferenceCheck } from './variables.ts'

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const resultName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

/** Steps by themselves: images, names, scripts, results. Step names must be unique. */
export function validateSteps(steps: Step[]): FieldError[] {
  const names = new Set<string>()
  return steps.flatMap((step, index) => {
    const errors = [...validateStep(step, names)]
    const results = new Set((step.results ?? []).map((result) => result.name))
    if (step.results) {
      errors.push(...via('script', checkKnown(step.script, 'step.results', results)))
      errors.push(...validateResults(step.results).flatMap((error) => via('results', [error])))
    }
    return via(`[${index}]`, errors)
  })
}

function validateStep(step: Step, names: Set<string>): FieldError[] {
  const errors: FieldError[] = []
  if (step.ref) {
    if (!step.ref.name && !step.ref.resolver) errors.push(missingField('name'))
    for (const field of [
      'image',
      'command',
      'args',
      'script',
      'env',
      'volumeMounts',
      'results',
    ] as const)
      if (step[field] !== undefined)
        errors.push(fieldError(`${field} cannot be used with Ref`, field))
  } else {
    if (step.params) errors.push(fieldError('params cannot be used without Ref', 'params'))
    if (!step.image) errors.push(missingField('Image'))
    if (step.script && step.command)
      errors.push(fieldError('script cannot be used with command', 'script'))
  }
  if (step.name) {
    if (names.has(step.name)) errors.push(invalidValue(step.name, 'name'))
    if (!dnsLabel.test(step.name))
      errors.push({
        message: `invalid value ${goQuote(step.name)}`,
        paths: ['name'],
        details:
          'Task step name must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names',
      })
    names.add(step.name)
  }
  if (step.timeout && parseGoDuration(step.timeout) < 0)
    return [invalidValue(step.timeout, 'negative timeout')]
  for (const [index, mount] of (step.volumeMounts ?? []).entries()) {
    if (mount.mountPath.startsWith('/tekton/') && !mount.mountPath.startsWith('/tekton/home'))
      errors.push(
        ...viaIndex('volumeMounts', index, [
          fieldError(
            `volumeMount cannot be mounted under /tekton/ (volumeMount ${goQuote(mount.name)} mounted at ${goQuote(mount.mountPath)})`,
            'mountPath',
          ),
        ]),
      )
    if (mount.name.startsWith('tekton-internal-'))
      errors.push(
        ...viaIndex('volumeMounts', index, [
          fieldError(
            `volumeMount name ${goQuote(mount.name)} cannot start with "tekton-internal-"`,
            'name',
          ),
        ]),
      )
  }
  const { onError } = step
  if (
    onError &&
    !onError.startsWith('$(params') &&
    onError !== 'continue' &&
    onError !== 'stopAndFail'
  )
    errors.push({
      message: `invalid value: "${onError}"`,
      paths: ['onError'],
      details: 'Task step onError must be either "continue" or "stopAndFail"',
    })
  if (step.stdoutConfig)
    errors.push(...via('stdoutconfig', [needsAlpha('step stdout stream support')]))
  if (step.stderrConfig)
    errors.push(...via('stderrconfig', [needsAlpha('step stderr stream support')]))
  return errors
}

/** The gate of a feature that this cluster, set to beta as the recorded one, does not open. */
export function needsAlpha(feature: string): FieldError {
  return fieldError(
    `${feature} requires "enable-api-fields" feature gate to be "alpha" but it is "beta"`,
  )
}

/** Names, types and properties of declared results. */
export function validateResults(results: ResultSpec[]): FieldError[] {
  return results.flatMap((result, index) => via(`[${index}]`, validateResult(result)))
}

function validateResult(result: ResultSpec): FieldError[] {
  if (!resultName.test(result.name))
    return [
      {
        message: `invalid key name ${goQuote(result.name)}`,
        paths: ['name'],
        details: `Name must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my-name',  or 'my_name', regex used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')`,
      },
    ]
  if (result.type === 'object') {
    if (!result.properties) return [missingField(`${result.name}.properties`)]
    const wrong = Object.entries(result.properties).filter(([, one]) => one.type !== 'string')
    if (wrong.length > 0)
      return [
        fieldError(
          `The value type specified for these keys [${wrong.map(([key]) => key).join(' ')}] is invalid, the type must be string`,
          `${result.name}.properties`,
        ),
      ]
  } else if (result.type !== undefined && result.type !== 'string' && result.type !== 'array')
    return [{ ...invalidValue(result.type, 'type'), details: 'type must be string' }]
  return []
}

/** Applies one check to each text of each step; lists (command, args) may have a check of their own. */
export function checkSteps(
  steps: Step[],
  prefix: string,
  names: Set<string>,
  check: ReferenceCheck,
  options: { list?: ReferenceCheck; onError?: boolean } = {},
): FieldError[] {
  const inList = options.list ?? check
  return steps.flatMap((step, index) => {
    const at = (path: string, text: string | undefined, one = check) =>
      via(path, one(text, prefix, names))
    return viaIndex('steps', index, [
      ...at('name', step.name),
      ...at('image', step.image),
      ...at('workingDir', step.workingDir),
      ...at('script', step.script),
      ...(step.command ?? []).flatMap((text, i) => at(`command[${i}]`, text, inList)),
      ...(step.args ?? []).flatMap((text, i) => at(`args[${i}]`, text, inList)),
      ...(step.env ?? []).flatMap((variable) => at(`env[${variable.name}]`, variable.value)),
      ...(step.volumeMounts ?? []).flatMap((mount, i) => [
        ...at(`volumeMount[${i}].name`, mount.name),
        ...at(`volumeMount[${i}].mountPath`, mount.mountPath),
        ...at(`volumeMount[${i}].subPath`, mount.subPath),
      ]),
      ...(options.onError ? at('onError', step.onError) : []),
    ])
  })
}

import type { Resource } from '#server/lab/cluster/api/resource.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  element,
  invalidValue,
  requiredValue,
} from '#server/lab/cluster/crd/causes.ts'

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const qualifiedPart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const annotationBytesMax = 256 * 1024

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualifiedText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** Why a text is no DNS subdomain; undefined where it is one. */
export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return 'must be no more than 253 bytes'
  return subdomain.test(name) ? undefined : subdomainText
}

/** Why a text is no DNS label; undefined where it is one. */
export function labelProblem(name: string): string | undefined {
  if (name.length > 63) return 'must be no more than 63 bytes'
  return label.test(name) ? undefined : labelText
}

/** What is wrong with the metadata of an object that is about to be stored. */
export function validateMeta(
  object: KubeObject,
  old: KubeObject | undefined,
  resource: Resource,
): Cause[] {
  const { metadata } = object
  const causes: Cause[] = []
  if (!old) {
    const problem = (resource.validateName ?? subdomainProblem)(metadata.name ?? '')
    if (!metadata.name)
      causes.push(requiredValue('metadata.name', 'name or generateName is required'))
    else if (problem) causes.push(invalidValue('metadata.name', metadata.name, problem))
  }
  causes.push(
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations),
    ...validateFinalizers(metadata.finalizers, old),
    ...validateOwners(object),
  )
  return causes
}

/** Keys and values of labels, for any field that holds some. */
export function validateLabels(labels: Record<string, string> | undefined, field: string): Cause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const causes = qualifiedNameProblems(key).map((problem) => invalidValue(field, key, problem))
    if (value.length > 63) causes.push(invalidValue(field, value, 'must be no more than 63 bytes'))
    if (value !== '' && !qualifiedPart.test(value))
      causes.push(invalidValue(field, value, labelValueText))
    return causes
  })
}

function validateAnnotations(annotations: Record<string, string> | undefined): Cause[] {
  const field = 'metadata.annotations'
  const entries = Object.entries(annotations ?? {})
  const causes = entries.flatMap(([key]) =>
    qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidValue(field, key, problem)),
  )
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  if (bytes > annotationBytesMax)
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationBytesMax} bytes`,
      field,
    })
  return causes
}

function validateFinalizers(
  finalizers: string[] | undefined,
  old: KubeObject | undefined,
): Cause[] {
  const field = 'metadata.finalizers'
  const causes = (finalizers ?? []).flatMap((one) =>
    qualifiedNameProblems(one).map((problem) => invalidValue(field, one, problem)),
  )
  if (!old?.metadata.deletionTimestamp) return causes
  const before = old.metadata.finalizers ?? []
  const added = (finalizers ?? []).filter((one) => !before.includes(one))
  if (added.length === 0) return causes
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
  return [...causes, { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field }]
}

function validateOwners(object: KubeObject): Cause[] {
  const owners = object.metadata.ownerReferences ?? []
  const causes = owners.flatMap((owner, index) => {
    const at = element('metadata.ownerReferences', index)
    return (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((field) => !owner[field])
      .map((field) =>
        invalidValue(child(at, field), owner[field] ?? '', `${field} must not be empty`),
      )
  })
  const controllers = owners.filter((owner) => owner.controller)
  if (controllers.length > 1) {
    const [first, second] = controllers
    causes.push(
      invalidValue(
        'metadata.ownerReferences',
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first?.kind}/${first?.name} and ${second?.kind}/${second?.name}`,
      ),
    )
  }
  return causes
}

function qualifiedNameProblems(key: string): string[] {
  const [name = '', prefix, ...more] = key.split('/').reverse()
  if (more.length > 0)
    return [
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ]
  const problems: string[] = []
  const prefixProblem = prefix === undefined ? undefined : subdomainProblem(prefix)
  if (prefixProblem) problems.push(`prefix part ${prefixProblem}`)
  if (name === '') problems.push('name part must be non-empty')
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes')
  if (!qualifiedPart.test(name)) problems.push(qualifiedText)
  return problems
}

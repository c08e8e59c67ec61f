import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { type RedactText, redactObject } from './redact-object.ts'

/** It repeats the whole object as text in which no name stands beside its value. */
const appliedByKubectl = 'kubectl.kubernetes.io/last-applied-configuration'

/** A run or a Task as it may be shown and kept: parameters, results, messages and scripts without their secrets. */
export function redactRun<T extends KubeObject>(object: T, redact: RedactText): T {
  const { metadata, ...rest } = object
  const { [appliedByKubectl]: _, ...annotations } = metadata.annotations ?? {}
  const safe = metadata.annotations && { annotations: redactObject(annotations, redact) }
  return { ...redactObject(rest, redact), metadata: { ...metadata, ...safe } } as T
}

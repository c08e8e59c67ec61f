import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import { parseRequestId } from '#server/platform/model/request-id.ts'
import type { ModelBinding } from './model-binding.ts'

/** Which request has made of a binding what is now being carried out: its end, its last decision, or the wish. */
export function requestIdOf({ metadata, status = {} }: ModelBinding): string | undefined {
  const { end, decisions = [], granted, retry, run, conditions } = status
  const again = retry && retry.run === run ? retry : undefined
  if (end && !end.provenAt) return parseRequestId((again ?? end).requestId)
  const carrying = conditionOf(conditions, 'Provisioned')?.status === 'Unknown'
  if (granted && carrying) {
    if (again) return parseRequestId(again.requestId)
    const basis = decisions.findLast(({ digest }) => digest === granted.digest)
    return parseRequestId(basis?.requestId) ?? specRequestId(metadata)
  }
  const decision = decisions.findLast(
    ({ generation, requestId }) => requestId && generation === metadata.generation,
  )
  return parseRequestId(decision?.requestId) ?? specRequestId(metadata)
}

/** With kubectl anybody may write this annotation: it names nothing that a right rests on. */
export function specRequestId({ annotations: said }: ModelBinding['metadata']): string | undefined {
  return parseRequestId(said?.[annotations.requestId])
}

import { annotations } from './names.ts'

const shape = /^[\w.:-]{8,128}$/

/** The number of a request, as it goes from the browser's answer to the last log; undefined for what is none. */
export function parseRequestId(text: unknown): string | undefined {
  return typeof text === 'string' && shape.test(text) ? text : undefined
}

/** As an annotation; nothing where there is none. */
export function requestIdNote(requestId: string | undefined): Record<string, string> {
  return requestId ? { [annotations.requestId]: requestId } : {}
}

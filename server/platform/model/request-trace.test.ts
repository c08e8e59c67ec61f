import { expect, test } from 'vitest'
import { runRequestNote, traceOfRequest, traceparentOf } from './request-trace.ts'

test('a number that is a UUID is the trace, without its hyphens', () => {
  const requestId = '5F1C2B9E-8a57-4a35-9d0d-2f6a1c0e7b11'
  expect(traceOfRequest(requestId).traceId).toBe('5f1c2b9e8a574a359d0d2f6a1c0e7b11')
})

test.each(['5f1c2b9e-8a57-4a35-9d0d-2f6a1c0e7b11', 'r-1', 'a.proxy:gave-this', 'x'.repeat(128)])(
  '%s makes a header that W3C Trace Context allows, always the same',
  (requestId) => {
    expect(traceparentOf(requestId)).toMatch(/^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-01$/)
    expect(traceparentOf(requestId)).toBe(traceparentOf(requestId))
  },
)

test('what nobody asked for has neither number nor trace', () => {
  expect(runRequestNote(undefined)).toEqual({})
})

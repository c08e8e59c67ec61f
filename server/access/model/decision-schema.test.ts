import { expect, test } from 'vitest'
import { decisionSchema } from './request-schema.ts'

test('a denial says why, over the API as on the page', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const body = (decision: string, comment?: string) => ({
    decision,
    digest,
    generation: 1,
    comment,
  })
  expect(decisionSchema.safeParse(body('approve')).success).toBe(true)
  expect(decisionSchema.safeParse(body('deny', 'Too large.')).success).toBe(true)
  for (const comment of [undefined, '', '  ', '\t\n']) {
    const { error } = decisionSchema.safeParse(body('deny', comment))
    expect(error?.issues).toMatchObject([{ path: ['comment'] }])
  }
})

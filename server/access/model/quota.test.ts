import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { quotaSchema, withinQuota } from './quota.ts'

const { spec } = parse(readFileSync('manifests/crds/modelbindings.yaml', 'utf8'))
const asked = spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.quota.properties
const fields = ['requestsPerMinute', 'tokensPerDay', 'concurrency'] as const
const quota = { requestsPerMinute: 60, tokensPerDay: 1_000_000, concurrency: 4 }

test('what is taken here is what the API server takes, to the last request', () => {
  expect(Object.keys(asked)).toEqual(fields)
  for (const field of fields) {
    const { minimum, maximum } = asked[field]
    const takes = (value: number) => quotaSchema.safeParse({ ...quota, [field]: value }).success
    expect([minimum - 1, minimum, maximum, maximum + 1].map(takes), field).toEqual([
      ...[false, true],
      ...[true, false],
    ])
    expect(takes(minimum + 0.5), field).toBe(false)
  }
  expect(quotaSchema.safeParse({ ...quota, more: 1 }).success).toBe(false)
})

test('a quota is within one that is equal to it, and not where any part is above', () => {
  expect(withinQuota(quota, quota)).toBe(true)
  for (const field of fields) {
    expect(withinQuota({ ...quota, [field]: quota[field] + 1 }, quota), field).toBe(false)
    expect(withinQuota({ ...quota, [field]: quota[field] - 1 }, quota), field).toBe(true)
  }
})

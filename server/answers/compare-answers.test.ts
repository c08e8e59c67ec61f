import { describe, expect, test } from 'vitest'
import { expressionPairs } from './cases/expressions.ts'
import { kindPairs } from './cases/kinds.ts'
import { numberPairs } from './cases/numbers.ts'
import { compareAnswers } from './compare-answers.ts'

const tables = { ...numberPairs, ...expressionPairs, ...kindPairs }

describe.each(Object.entries(tables))('%s', (_, pairs) => {
  test.each(pairs)('%s against %s is %s', (a, b, verdict, rule) => {
    const found = compareAnswers(a, b)
    expect({ verdict: found.verdict, rule: rule ?? found.rule }).toEqual({
      verdict,
      rule: found.rule,
    })
    const back = compareAnswers(b, a)
    expect(back).toEqual({ ...found, a: found.b, b: found.a })
  })
})

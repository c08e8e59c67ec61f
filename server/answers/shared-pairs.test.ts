import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { compareAnswers } from './compare-answers.ts'

const path = '../shared/cases/answer-pairs.json'
const Pairs = z.array(
  z.object({ id: z.string(), a: z.string(), b: z.string(), accept: z.array(z.string()) }),
)
const pairs = existsSync(path) ? Pairs.parse(JSON.parse(readFileSync(path, 'utf8'))) : []

test('every published pair comes out as accepted, in both orders', () => {
  for (const { id, a, b, accept } of pairs) {
    const { verdict, rule } = compareAnswers(a, b)
    expect(accept, `${id}: ${rule}`).toContain(verdict)
    expect(compareAnswers(b, a).verdict, id).toBe(verdict)
  }
})

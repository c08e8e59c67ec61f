import { expect, test } from 'vitest'
import { boxedAnswer } from './boxed-answer.ts'

test('the boxed answer is found with its inner braces, and an unfinished one is not', () => {
  expect(boxedAnswer('so \\boxed{\\frac{1}{2}}.')).toBe('\\frac{1}{2}')
  expect(boxedAnswer('\\boxed{1} then \\boxed{\\{2\\}} then \\boxed{3')).toBe('\\{2\\}')
  expect(boxedAnswer('none')).toBeUndefined()
})

import { expect, test } from 'vitest'
import { extractAnswer } from './extract-answer.ts'

const r = String.raw

test.each([
  [r`so \boxed{\frac{1}{2}}.`, r`\frac{1}{2}`],
  [r`\boxed{1} then \boxed{\{2\}} then \boxed{3`, r`\{2\}`],
  [r`first \boxed{1}, at last \boxed{2}`, '2'],
  [r`\boxed{\boxed{5}}`, '5'],
  [r`\boxed{x=\boxed{5}}`, 'x=5'],
  [r`\fbox{7}`, '7'],
  [r`\boxed 7`, '7'],
  [r`\boxed{$42$}`, '42'],
  [r`\boxed{**42**}`, '42'],
  [r`\boxed{42.}`, '42'],
  [r`\boxed{} and nothing`, undefined],
  [r`\boxed{3} and \boxed{}`, '3'],
  ['The answer is $x=5$.', 'x=5'],
  ['**Answer:** 42', '42'],
  ['**Final Answer**: $\\frac12$', r`\frac12`],
  ['The final answer is 42.', '42'],
  ['Answer: (B)', '(B)'],
  ['答案：$3$', '3'],
  ['答案是 5。', '5'],
  [r`Answer: \(\sqrt2\)`, r`\sqrt2`],
  ['The answer is 42 because there are 6 apples.', undefined],
  ['We found 42 apples.', undefined],
  ['There is no answer.', undefined],
  ['My answer depends on $x$ being 3 or 4 apples', undefined],
  ['', undefined],
])('%s gives %s', (text, answer) => {
  expect(extractAnswer(text)).toBe(answer)
})

test('a text full of open or closed boxes is read in linear time', () => {
  const startedMs = performance.now()
  expect(extractAnswer(r`\boxed{`.repeat(100_000))).toBeUndefined()
  expect(extractAnswer(r`\boxed{1} `.repeat(50_000))).toBe('1')
  expect(extractAnswer('answer \n'.repeat(100_000))).toBeUndefined()
  expect(extractAnswer('{'.repeat(400_000))).toBeUndefined()
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

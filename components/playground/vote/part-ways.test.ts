import { expect, test } from 'vitest'
import { partWays } from './part-ways.ts'

test('the first paragraph that differs is where two ways of reasoning part', () => {
  expect(
    partWays('Let x = 1.\n\nThen  y = 2.\n\nSo 3.', 'let x = 1.\n\nThen y = 2.\n\nSo 4.\n\nOr 5.')
      .at,
  ).toBe(2)
  expect(partWays('', 'a').at).toBe(0)
  expect(partWays('a\n\nb', 'a\n\nb').at).toBe(2)
  expect(partWays('a', 'a\n\nb')).toEqual({ left: ['a'], right: ['a', 'b'], at: 1 })
})

import { expect, test } from 'vitest'
import { groupAnswers } from './group-answers.ts'
import { normalForm } from './normal-form.ts'

test('equal answers are one group under their normal form, the largest first', () => {
  const { groups, undecided } = groupAnswers(['2', '1/2', String.raw`\frac12`, '0.5', '4/2'])
  expect(groups.map(({ normalForm, members }) => [normalForm, members])).toEqual([
    [String.raw`\frac{1}{2}`, [1, 2, 3]],
    ['2', [0, 4]],
  ])
  expect(undecided).toEqual([])
})

test('answers that cannot be told apart stay apart, with the reason', () => {
  const { groups, undecided } = groupAnswers(['5', '5 cm', '5'])
  expect(groups.map(({ members, isOpen }) => [members, isOpen])).toEqual([
    [[0, 2], true],
    [[1], true],
  ])
  expect(undecided).toEqual([{ groups: [0, 1], rule: 'unit against none' }])
})

test('an answer that equals two groups joins them', () => {
  const { groups } = groupAnswers(['x=5', 'y=5', '5'])
  expect(groups.map(({ members }) => members)).toEqual([[0, 1, 2]])
})

test.each([
  ['0.50', String.raw`\frac{1}{2}`],
  [String.raw`\frac{3}{\sqrt2}`, String.raw`\frac{3\sqrt{2}}{2}`],
  ['(x+1)^2', 'x^{2}+2x+1'],
  [String.raw`\{2,1\}`, String.raw`\{1,\;2\}`],
  [String.raw`\pi r^2\cdot 2`, String.raw`2\pi r^{2}`],
  [String.raw`\text{Even}`, String.raw`\text{even}`],
  [String.raw`\frac{1}{`, String.raw`\frac{1}{`],
])('the normal form of %s is %s', (text, form) => {
  expect(normalForm(text)).toBe(form)
})

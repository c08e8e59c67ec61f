import { expect, test } from 'vitest'
import { turnsOf } from './reasoning-turns.ts'

test.each([
  ['**Case 1:** $n$ is even.', 'case'],
  ['Case $n = 2$: nothing to do.', 'case'],
  ['### Step 3. Add them', 'step'],
  ['Wait, that cannot be.', 'doubt'],
  ['But wait, $n$ may be zero.', 'doubt'],
  ['Hmm, let me see.', 'doubt'],
  ['Let me verify the result.', 'check'],
  ["Now, let's double-check this.", 'check'],
  ['Alternatively, use induction.', 'other-way'],
  ['Therefore $x = 2$.', 'conclusion'],
  ['So the answer is 7.', 'conclusion'],
  ['等等，这里不对。', 'doubt'],
])('%s is a turn: %s', (line, kind) => {
  expect(turnsOf(`${line}\nand so on`, 4)).toMatchObject([{ kind, block: 4 }])
})

test.each([
  'In case of doubt, wait.',
  'Waiting times are Poisson.',
  'Casework is not needed.',
  'We add 2 and therefore get 4.',
  '$x = 2$',
])('%s is none', (line) => {
  expect(turnsOf(line, 0)).toEqual([])
})

test('a long line is cut at a word', () => {
  const [turn] = turnsOf(`Therefore ${'it holds and '.repeat(20)}`, 0)
  expect(turn?.text.length).toBeLessThanOrEqual(91)
  expect(turn?.text).toMatch(/(it|holds|and)…$/)
})

import { expect, test } from 'vitest'
import { type Ballot, tallyOf } from './tally.ts'

function ended(id: string, answer: string): Ballot {
  return { id, state: 'ended', content: `So \\boxed{${answer}}.` }
}

function growing(id: string): Ballot {
  return { id, state: 'growing', content: '' }
}

test('equal answers are one group, and what has no answer is counted apart', () => {
  const tally = tallyOf(
    [
      ended('a', '0.5'),
      ended('b', '\\frac12'),
      ended('c', '2'),
      { id: 'd', state: 'ended', content: 'I do not know.' },
      { id: 'e', state: 'cut-off', content: 'Let us' },
      { id: 'f', state: 'void', content: '\\boxed{2}' },
    ],
    '1/2',
  )
  expect(tally).toEqual({
    groups: [
      { normalForm: '\\frac{1}{2}', ids: ['a', 'b'], expected: 'equal' },
      { normalForm: '2', ids: ['c'], expected: 'different' },
    ],
    undecided: [],
    noAnswer: ['d'],
    cutOff: ['e'],
    growing: [],
    void: ['f'],
    margin: 1,
    isDecided: true,
  })
})

test('a vote is decided once no answer that still grows can change its leader', () => {
  const three = [ended('a', '1'), ended('b', '1'), ended('c', '1')]
  expect(tallyOf([...three, growing('d'), growing('e'), growing('f')], '').isDecided).toBe(false)
  expect(tallyOf([...three, growing('d'), growing('e')], '').isDecided).toBe(true)
  expect(tallyOf([...three, ended('d', '2'), growing('e'), growing('f')], '').isDecided).toBe(false)
})

test('rivals that may be one answer count together', () => {
  const ballots = [ended('a', '1'), ended('b', '1'), ended('c', '5'), ended('d', '5 cm')]
  const tally = tallyOf(ballots, '')
  expect(tally.undecided).toContainEqual({ groups: [1, 2], rule: 'unit against none' })
  expect(tally.isDecided).toBe(false)
})

test('an answer without an end changes nothing', () => {
  expect(tallyOf([growing('a'), growing('b')], '').isDecided).toBe(false)
  expect(tallyOf([], '').groups).toEqual([])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerPrompt } from './narrate/answer-prompt.ts'
import { resumeAt } from './resume-at.ts'
import { benchScript, type Script, scriptOf } from './script.ts'

const limits = { tokensMax: 100_000, thinkingTokensMax: undefined, ignoreEnd: false }

function textOf(script: Script): string {
  return [...script].map(({ text }) => text).join('')
}

test('wherever an answer was cut, what it is gone on with completes it', () => {
  const answer = answerPrompt('Solve x^2 - 5x + 6 = 0', 7)
  const whole = textOf(scriptOf(answer, limits))
  fc.assert(
    fc.property(fc.nat(whole.length), (cut) => {
      const begun = whole.slice(0, cut)
      expect(begun + textOf(scriptOf(answer, { ...limits, begun }))).toBe(whole)
    }),
  )
})

test('a thought that was closed early is followed by the answer alone', () => {
  const answer = answerPrompt('Solve x^2 - 5x + 6 = 0', 7)
  const begun = '<think>\nOkay, I need to solve\n</think>\n\n'
  const rest = textOf(scriptOf(answer, { ...limits, begun }))
  expect(rest.trim()).toBe(answer.content.trim())
})

test('begun in other words, it goes on after what is the same, or closes the thought', () => {
  expect(
    resumeAt(
      '<think>\none\n</think>\n\nTherefore x = 2 or 3',
      '<think>\nother\n</think>\n\nSo. Therefore x = 2',
    ),
  ).toBe('<think>\none\n</think>\n\nTherefore x = 2'.length)
  expect(resumeAt('<think>\none\n</think>\n\ntwo', '<think>\nother')).toBe('<think>\none\n'.length)
})

test('formulas that were cut off go on where they stopped', () => {
  const whole = textOf(benchScript(500, 1000))
  const begun = textOf(benchScript(200, 1000))
  expect(begun + textOf(benchScript(500, 1000, begun))).toBe(whole)
})

import { expect, test } from 'vitest'
import { hintsFor } from './hints.ts'

const fine = {
  systemPrompt: 'You are a mathematics assistant.',
  prompt: 'Solve x^2 - 5x + 6 = 0.',
  sampling: { temperature: 1 },
  noRoleOnPurpose: false,
}

test('a problem with a role needs no advice', () => {
  expect(hintsFor(fine)).toEqual([])
})

test.each([
  [{ ...fine, systemPrompt: ' ' }, 'emptyRole'],
  [{ ...fine, prompt: '解方程 x^2 = 4' }, 'cjk'],
  [{ ...fine, sampling: { temperature: 0 } }, 'greedy'],
  [{ ...fine, prompt: 'Hello, how are you?' }, 'smallTalk'],
] as const)('%o brings the hint %s', (ask, hint) => {
  expect(hintsFor(ask)).toContain(hint)
})

test('the benchmark preset sends no role on purpose', () => {
  expect(hintsFor({ ...fine, systemPrompt: '', noRoleOnPurpose: true })).toEqual([])
})

test('a word that only begins like a greeting is no small talk', () => {
  expect(hintsFor({ ...fine, prompt: 'Hilbert spaces: prove that' })).toEqual([])
})

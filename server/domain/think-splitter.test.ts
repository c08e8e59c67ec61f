import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TokenDelta } from './stream-events.ts'
import { createThinkSplitter, type RawDelta } from './think-splitter.ts'
import { emptyAnswer, reduceTokens } from './token-stream.ts'

function read(deltas: RawDelta[]): { reasoning: string; content: string } {
  const splitter = createThinkSplitter()
  const events = [...deltas.map((delta) => splitter.push(delta)), splitter.finish()]
  const shown = events.filter((event): event is TokenDelta => event !== undefined)
  const answer = shown.reduce(
    (state, data, index) => reduceTokens(state, index + 1, { event: 'delta', data }),
    emptyAnswer,
  )
  return { reasoning: answer.reasoning, content: answer.content }
}

const content = (...parts: string[]) => parts.map((part) => ({ content: part }))

test.each<[string, RawDelta[], string, string]>([
  ['plain', content('x = ', '2'), '', 'x = 2'],
  ['tags in one chunk', content('<think>why</think>\n\nx = 2'), 'why', 'x = 2'],
  ['tags cut', content('<th', 'ink>\nw', 'hy</', 'thi', 'nk>', '\n\nx'), 'why', 'x'],
  ['only the closing tag', content('let us ', 'see</think>x = 2'), 'let us see', 'x = 2'],
  ['never closed', content('<think>let us', ' see </thin'), 'let us see </thin', ''],
  ['an almost tag', content('<thinker> and </thi', 's>'), '', '<thinker> and </this>'],
  ['own field', [{ reasoning: 'why' }, ...content('x = 2')], 'why', 'x = 2'],
  ['own field, tags in the answer', [{ reasoning: 'a' }, ...content('</think>')], 'a', '</think>'],
  ['tags after the answer began', content('<think>a</think>b</think>c'), 'a', 'b</think>c'],
  ['less-than signs', content('1 <', ' 2 << 3'), '', '1 < 2 << 3'],
  ['nothing', [], '', ''],
  ['a held beginning', content(' <thi'), '', ' <thi'],
])('%s', (_name, deltas, reasoning, answer) => {
  expect(read(deltas)).toEqual({ reasoning, content: answer })
})

const text = fc
  .array(fc.constantFrom('<think>', '</think>', '<', '/', 'think>', ' ', '\n', 'a', '思', '<th'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

test('where the chunks are cut does not matter', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 8 }), (whole, cuts) => {
      const at = [...new Set(cuts)].filter((cut) => cut < whole.length).sort((a, b) => a - b)
      const chunks = [0, ...at].map((start, index) => whole.slice(start, at[index]))
      expect(read(content(...chunks))).toEqual(read(content(whole)))
    }),
    { numRuns: 2000 },
  )
})

test('nothing but tags and the space around them is ever lost', () => {
  const bare = (value: string) => value.replaceAll(/<think>|<\/think>|\s/g, '')
  fc.assert(
    fc.property(text, (whole) => {
      const { reasoning, content: answer } = read(content(...whole))
      expect(bare(reasoning) + bare(answer)).toBe(bare(whole))
    }),
    { numRuns: 2000 },
  )
})

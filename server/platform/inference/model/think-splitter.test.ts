import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import type { TokenDelta } from './generation-usage.ts'
import { createThinkSplitter, type RawDelta } from './think-splitter.ts'

function read(
  deltas: RawDelta[],
  from?: 'thinking' | 'answer',
): { reasoning: string; content: string } {
  const splitter = createThinkSplitter(from)
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
  ['capitals', content('<THI', 'NK>why</TH', 'INK>x'), 'why', 'x'],
  ['thinking', content('<thinking>why</thinking>\nx'), 'why', 'x'],
  ['brackets', content('[THINK]why[/THI', 'NK]x'), 'why', 'x'],
  ['a list is no tag', content('[1, 2] <b>'), '', '[1, 2] <b>'],
  ['a second block', content('<think>a</think>b\n\n<thi', 'nk>c</think>d'), 'a\n\nc', 'b\n\nd'],
  ['a second block, own field', [{ reasoning: 'a' }, ...content('<think>b')], 'a', '<think>b'],
  [
    'an answer about tags',
    content('The tag `</thi', 'nk>` ends it; `<think>` begins it.'),
    '',
    'The tag `</think>` ends it; `<think>` begins it.',
  ],
  [
    'a thought about tags',
    content('<think>`</think', '>` ends it</think>x'),
    '`</think>` ends it',
    'x',
  ],
  [
    'a code span far into a line',
    content(`<think>${'a '.repeat(200)}\`</think>\` b</think>x`),
    `${'a '.repeat(200)}\`</think>\` b`,
    'x',
  ],
  ['a lone backtick in a thought', content('a ` b</think>\nx'), 'a ` b', 'x'],
  ['a lone backtick at the end', content('a ` b</think>'), 'a ` b', ''],
  ['a fence of the answer', content('x\n```\n</think>\n```\n'), '', 'x\n```\n</think>\n```\n'],
  [
    'a block in a fence of the answer',
    content('<think>a</think>```\n<think>\n```\n'),
    'a',
    '```\n<think>\n```\n',
  ],
])('%s', (_name, deltas, reasoning, answer) => {
  expect(read(deltas)).toEqual({ reasoning, content: answer })
})

const text = fc
  .array(
    fc.constantFrom(
      ...['<think>', '</think>', '<', '/', 'think>', ' ', '\n', 'a', '思', '<th', '`', '```\n'],
      ...['[THINK]', '[/THINK]', '<Thinking>', '</thinking>'],
    ),
    { maxLength: 12 },
  )
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
  // A second block's thought stands before the answer's first part.
  const bare = (value: string) =>
    [...value.replaceAll(/<\/?think(ing)?>|\[\/?think\]|\s/gi, '')].sort().join('')
  fc.assert(
    fc.property(text, (whole) => {
      const { reasoning, content: answer } = read(content(...whole))
      expect(bare(`${reasoning} ${answer}`)).toBe(bare(whole))
    }),
    { numRuns: 2000 },
  )
})

test.each<[string, 'thinking' | 'answer', string[], string, string]>([
  ['an answer goes on, tags and all', 'answer', [' 2', ' </think>'], '', ' 2 </think>'],
  ['a thought goes on to its end', 'thinking', ['see</thi', 'nk>x'], 'see', 'x'],
  ['an engine that starts anew thinks anew', 'answer', ['<th', 'ink>w</think>x'], 'w', 'x'],
  ['less than', 'answer', ['<', ' 3'], '', '< 3'],
])('%s', (_name, from, parts, reasoning, answer) => {
  expect(read(content(...parts), from)).toEqual({ reasoning, content: answer })
})

test('mixed shapes, cut anywhere: fields and tags give the same message', () => {
  const shape = fc.oneof(
    fc.record({ reasoning: text }),
    fc.record({ content: text }),
    fc.record({ reasoning: text, content: text }),
  )
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 4 }), fc.nat(3), (deltas, size) => {
      const cut = deltas.flatMap(({ reasoning = '', content: said = '' }: RawDelta) => [
        ...pieces(reasoning, size + 1).map((piece) => ({ reasoning: piece })),
        ...pieces(said, size + 1).map((piece) => ({ content: piece })),
      ])
      const whole = deltas.flatMap(({ reasoning, content: said }: RawDelta) => [
        ...(reasoning ? [{ reasoning }] : []),
        ...(said ? [{ content: said }] : []),
      ])
      expect(read(cut)).toEqual(read(whole))
    }),
    { numRuns: 2000 },
  )
})

function pieces(whole: string, size: number): string[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
    whole.slice(i * size, (i + 1) * size),
  )
}

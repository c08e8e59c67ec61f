import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boxedAnswer } from './boxed-answer.ts'
import { normaliseMath } from './normalise-math.ts'
import { extendBlocks, newBlockCursor, splitBlocks } from './split-blocks.ts'

const fragment = fc.constantFrom(
  'text',
  '\n',
  '\n\n',
  '```\n',
  '```py\n',
  '$$',
  '\\[',
  '\\]',
  ' ',
  '~~~\n',
  '- a',
  '\\begin{x}',
  '\\end{x}',
)
const markdown = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(''))

test('joined, the blocks are the text', () => {
  fc.assert(
    fc.property(markdown, (text) => {
      expect(splitBlocks(text).join('')).toBe(text)
    }),
  )
})

test('however the text is cut into chunks, the blocks are the same, and a finished one never changes', () => {
  fc.assert(
    fc.property(markdown, fc.array(fc.nat(60)), (text, cuts) => {
      const blocks: string[] = []
      const cursor = newBlockCursor()
      let finished: string[] = []
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        extendBlocks(blocks, text.slice(0, cut), cursor)
        expect(blocks.slice(0, finished.length)).toEqual(finished)
        finished = blocks.slice(0, -1)
      }
      expect(blocks).toEqual(splitBlocks(text))
    }),
  )
})

test('fences and display mathematics are not cut at their blank lines', () => {
  const fenced = '```py\na\n\nb\n```\n\n'
  const display = '$$\nx\n\ny\n$$\n\n'
  expect(splitBlocks(`${fenced}${display}end`)).toEqual([fenced, display, 'end'])
})

test('both ways of writing mathematics become one, but not in code', () => {
  expect(normaliseMath('so \\(x^2\\) and `\\(raw\\)`')).toBe('so $x^2$ and `\\(raw\\)`')
  expect(normaliseMath('\\[ x \\]')).toBe('\n$$\nx\n$$\n')
  expect(normaliseMath('```\n\\[ x \\]\n```\n')).toBe('```\n\\[ x \\]\n```\n')
})

test('the boxed answer is found with its inner braces, and an unfinished one is not', () => {
  expect(boxedAnswer('so \\boxed{\\frac{1}{2}}.')).toBe('\\frac{1}{2}')
  expect(boxedAnswer('\\boxed{1} then \\boxed{\\{2\\}} then \\boxed{3')).toBe('\\{2\\}')
  expect(boxedAnswer('none')).toBeUndefined()
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMarkdown } from './markdown-parser.ts'
import { renderMarkdown } from './render-markdown.ts'
import { createBlockFeed, splitBlocks } from './split-blocks.ts'

const fragment = fc.constantFrom(
  ...['text', '\n', '\n\n', '```\n', '```py\n', '$$', '\\[', '\\]', ' ', '~~~\n', '- a', '\n- b\n'],
  ...[
    '\\begin{align}',
    '\\end{align}',
    '😀',
    '\\(',
    '\\)',
    '$',
    '    ',
    '\t',
    '1. ',
    '> ',
    '# ',
    '`',
  ],
  ...[
    '| a | b |\n|--|--|\n',
    '| $|x|$ | c |\n',
    '\n---\n',
    '\n===\n',
    '*',
    '**',
    '\r\n',
    '[a](https://b.c)',
  ],
  ...[
    `${'- an item\n'.repeat(400)}`,
    'word '.repeat(3000),
    `$${'x+'.repeat(3000)}x$`,
    '\\boxed{',
    '}',
  ],
  'x'.repeat(9000),
)
const document = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(''))

function blocksOf(...chunks: string[]): string[] {
  const feed = createBlockFeed()
  for (const chunk of chunks) feed.extend(chunk)
  return [...feed.finished, feed.open]
}

test('however the text is cut into chunks, the blocks are the same, and joined they are the text', () => {
  fc.assert(
    fc.property(document, fc.array(fc.nat(60_000), { maxLength: 8 }), (text, cuts) => {
      const whole = blocksOf(text)
      expect(whole.join('')).toBe(text)
      const at = cuts.filter((cut) => cut < text.length).sort((a, b) => a - b)
      const chunks = [0, ...at].map((start, index) => text.slice(start, at[index]))
      expect(blocksOf(...chunks)).toEqual(whole)
    }),
    { numRuns: 200 },
  )
})

test('one character after the other, the blocks are the same', () => {
  const short = fc.constantFrom(
    'a',
    '\n',
    '\n\n',
    '- ',
    '$$',
    '\\[',
    '\\]',
    '```\n',
    '  ',
    '> ',
    'b | c\n',
    '|--|--|\n',
    '\r',
  )
  fc.assert(
    fc.property(fc.array(short, { maxLength: 25 }), (parts) => {
      const text = parts.join('')
      expect(blocksOf(...text)).toEqual(blocksOf(text))
    }),
    { numRuns: 300 },
  )
})

test('block by block it is the same page as at once, and each block is its own only one', () => {
  fc.assert(
    fc.property(document, (text) => {
      const blocks = splitBlocks(text)
      expect(blocks.map((block) => renderMarkdown(block, {})).join('')).toBe(
        renderMarkdown(text, {}),
      )
      for (const block of blocks.slice(0, -1)) expect(splitBlocks(block)).toEqual([block])
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('and the same as the parser makes of the whole text, while nothing of it is too long', () => {
  const markdown = createMarkdown()
  const short = document.filter((text) => text.length < 2000)
  fc.assert(
    fc.property(short, (text) => {
      const blocks = splitBlocks(text).map((block) => markdown.render(block))
      expect(blocks.join('')).toBe(markdown.render(text))
    }),
    { numRuns: 400 },
  )
})

test('no block but a fence grows without bound, whatever a model writes', () => {
  fc.assert(
    fc.property(document, (text) => {
      for (const block of splitBlocks(text)) {
        if (!/^ {0,3}(```|~~~)/m.test(block)) expect(block.length).toBeLessThan(110_000)
      }
    }),
    { numRuns: 100 },
  )
})

test('fences and display mathematics are not cut at their blank lines', () => {
  const fenced = '```py\na\n\nb\n```\n\n'
  const display = 'So\n$$\nx\n\ny\n$$\n\n'
  const bracket = 'we have \\[\nx\n\n- y\n\\] here\n\n'
  expect(blocksOf(`${fenced}${display}${bracket}end\n\nx`)).toEqual([
    fenced,
    display,
    bracket,
    'end\n\nx',
  ])
})

test('a list that goes on after a blank line is one block, and its code is none', () => {
  const list =
    '1.  **Set up.**\n\n    We know \\(x\\).\n\n    *   Add.\n\n2.  **Check.**\n\n    ```python\n    x\n\n    y\n    ```\n\n'
  const [first, rest] = blocksOf(`${list}End.\n\nx`)
  expect([first, rest]).toEqual([list, 'End.\n\nx'])
  expect(renderMarkdown(list, {}).match(/<figure/g)).toHaveLength(1)
})

test('a long list is cut before an item, and a character is never cut in two', () => {
  const items = Array.from({ length: 500 }, (_, i) => `${i + 1}. $p_{${i}} = ${i}$\n`).join('')
  const blocks = splitBlocks(items)
  expect(blocks.length).toBeGreaterThan(3)
  expect(blocks.every((block) => /^\d+\. /.test(block))).toBe(true)
  const faces = splitBlocks('😀'.repeat(20_000))
  expect(faces.length).toBeGreaterThan(2)
  for (const block of faces) expect(block).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/)
})

test('a long line is cut between words, never within a formula', () => {
  const line = `${'Let us see that $a_{12} + b = \\text{some words here}$ holds for all of them. '.repeat(900)}`
  const blocks = splitBlocks(line)
  expect(blocks.length).toBeGreaterThan(4)
  for (const block of blocks) expect(block.split('$').length % 2).toBe(1)
})

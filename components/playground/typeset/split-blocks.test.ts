import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlockFeed } from './split-blocks.ts'

const fragment = fc.constantFrom(
  ...['text', '\n', '\n\n', '```\n', '```py\n', '$$', '\\[', '\\]', ' ', '~~~\n', '- a'],
  ...['\\begin{x}', '\\end{x}', '😀', `${'- an item\n'.repeat(400)}`, 'word '.repeat(2500)],
  'x'.repeat(9000),
)
const markdown = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(''))

function blocksOf(...chunks: string[]): string[] {
  const feed = createBlockFeed()
  for (const chunk of chunks) feed.extend(chunk)
  return [...feed.finished, feed.open]
}

test('however the text is cut into chunks, the blocks are the same, and joined they are the text', () => {
  fc.assert(
    fc.property(markdown, fc.array(fc.nat(60_000), { maxLength: 8 }), (text, cuts) => {
      const whole = blocksOf(text)
      expect(whole.join('')).toBe(text)
      const at = cuts.filter((cut) => cut < text.length).sort((a, b) => a - b)
      const chunks = [0, ...at].map((start, index) => text.slice(start, at[index]))
      expect(blocksOf(...chunks)).toEqual(whole)
    }),
    { numRuns: 300 },
  )
})

test('no block grows without bound, whatever a model writes', () => {
  fc.assert(
    fc.property(markdown, (text) => {
      for (const block of blocksOf(text)) expect(block.length).toBeLessThan(70_000)
    }),
    { numRuns: 200 },
  )
})

test('fences and display mathematics are not cut at their blank lines', () => {
  const fenced = '```py\na\n\nb\n```\n\n'
  const display = '$$\nx\n\ny\n$$\n\n'
  expect(blocksOf(`${fenced}${display}end`)).toEqual([fenced, display, 'end'])
})

test('a long list is cut before an item, and a character is never cut in two', () => {
  const items = Array.from({ length: 500 }, (_, i) => `${i + 1}. $p_{${i}} = ${i}$\n`).join('')
  const blocks = blocksOf(items)
  expect(blocks.length).toBeGreaterThan(3)
  expect(blocks.every((block) => /^\d+\. /.test(block))).toBe(true)
  const faces = blocksOf('😀'.repeat(20_000))
  expect(faces.length).toBeGreaterThan(3)
  for (const block of faces) expect(block).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/)
})

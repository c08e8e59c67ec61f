import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderMarkdown } from '#server/playground/typeset/render-markdown.ts'
import { questionMarkdown } from './question-markdown.ts'

const words = (html: string) =>
  html
    .replaceAll(/<span class="katex">.*?<\/math><\/span>.*$/gs, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, '')

test('formulas are set, and everything else stays as it was typed', () => {
  expect(questionMarkdown('Compute 2 * 3 * 4 for $5.')).toBeUndefined()
  const typed = 'Let a*b*c_i_ < 1:\n  1. solve\n# not a heading\n> $x^2$'
  const html = renderMarkdown(questionMarkdown(typed) ?? '', {})
  expect(html).toContain('class="katex"')
  expect(html).not.toMatch(/<(em|ol|h\d|blockquote|pre)/)

  const text = fc.string({ unit: fc.constantFrom(...'ab1 .,*_#<>&"\'-+=!|~[](){}:;/?@%^\n') })
  fc.assert(
    fc.property(text, (said) => {
      const shown = words(renderMarkdown(questionMarkdown(`${said}\n$x$`) ?? '', {}))
      expect(shown).toBe(said.replaceAll(/\s+/g, ''))
    }),
  )
})

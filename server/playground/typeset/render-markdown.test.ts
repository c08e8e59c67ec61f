import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { markdownPieces, renderMarkdown } from './render-markdown.ts'

const render = (text: string) => renderMarkdown(text, { copy: 'Copy' })
const texOf = (html: string) =>
  [...html.matchAll(/<annotation encoding="application\/x-tex">([\s\S]*?)<\/annotation>/g)].map(
    ([, tex]) => tex?.trim(),
  )

test.each([
  ['so $x^2$ and \\(y_1\\)', ['x^2', 'y_1']],
  ['\\[ x \\] and $$\n\\frac{a}{b}\n$$', ['x', '\\frac{a}{b}']],
  ['costs $5 and $10, or $n$ of them', ['n']],
  ['a \\$ is not one, nor `$x$`, nor\n\n```\n$y$ \\(z\\)\n```', []],
  ['\\begin{cases} a \\\\ b \\end{cases}', ['\\begin{cases} a \\\\ b \\end{cases}']],
  ['| n | $\\|v\\|$ |\n| - | - |\n| $|x|$ | $a_1 b_1$ |', ['\\|v\\|', '|x|', 'a_1 b_1']],
  ['**$a * b$** and $c * d$', ['a * b', 'c * d']],
])('%s: its mathematics is %o', (text, tex) => {
  expect(texOf(render(text))).toEqual(tex)
})

test('code keeps what it says, mathematics and marks included, and is coloured', () => {
  const html = render('```py\nfor x in [1]: print("$x$ <b>")\n```')
  expect(html).toContain('<span class="hljs-keyword">for</span>')
  expect(html.replaceAll(/<\/?span[^>]*>/g, '')).toContain('print(&quot;$x$ &lt;b&gt;&quot;)')
  expect(render('    $indented$')).toContain('$indented$')
})

test.each([
  ['a fence of Python', '```python\nprint(1)\n```', true],
  [
    'of JavaScript, indented and with words after its name',
    '- x\n\n  ~~~~js title\n  f()\n  ~~~~',
    true,
  ],
  ['a language that no browser speaks', '```cpp\nint main() {}\n```', false],
  ['TypeScript, which is not JavaScript', '```ts\nf()\n```', false],
  ['a fence without a name', '```\nprint(1)\n```', false],
  ['one that is still written', '```python\nprint(1)\n', false],
  ['one that ends in the middle of a line', '```python\nprint(1)', false],
  ['one that ends with empty lines', '```python\nprint(1)\n\n\n', false],
  ['nothing', '```python\n```', false],
])('code can be run once its fence is closed, in a language that runs here: %s', (_, text, can) => {
  const html = renderMarkdown(text, { copy: 'Copy', run: 'Run' })
  expect(html.includes('<button type="button" data-run>Run</button>')).toBe(can)
  expect(render(text)).not.toContain('data-run')
})

test('a link says where it leads, an image is no more than a link, and nothing else is one', () => {
  const link = render('[here](https://a.example/x?y=1)')
  expect(link).toContain('href="https://a.example/x?y=1" title="https://a.example/x?y=1"')
  expect(link).toContain('here (a.example)</a>')
  const image = render('![a plot](https://b.example/p.png)')
  expect(image).not.toContain('<img')
  expect(image).toContain('a plot (b.example)</a>')
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', '/sign-out', '//c.example']) {
    expect(render(`[x](${bad}) ![y](${bad}) <${bad}>`)).not.toContain('href')
  }
})

test('what runs, loads or names things in the page is shown, not done', () => {
  const html = render(
    '<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<iframe src="https://a.example"></iframe>\n\n$\\href{javascript:alert(1)}{x}$ $\\includegraphics{https://a.example/x.png}$ $\\htmlId{root}{x}$',
  )
  expect(html).not.toMatch(/<(script|img|iframe|a)\b/)
  expect(html).not.toMatch(/ (id|onerror|src)="/)
})

test('no formula writes a line into the log of whoever renders it', () => {
  const spoken = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => spoken.mockRestore())
  const forged = '\\message{{"level":50}}'
  const formulas = [forged, '\\errmessage{x}', '\\show\\x', `\\def\\x{${forged}}\\x`]
  const html = render(formulas.map((formula) => `$${formula}$`).join(' '))
  expect(html).toContain('<code>$\\message{{&quot;level&quot;:50}}$</code>')
  expect(spoken).not.toHaveBeenCalled()
})

const piece = fc.oneof(
  fc.constantFrom(
    ...['<', '>', '"', "'", '&', '$', '$$', '\\(', '\\)', '\\[', '\\]', '`', '```\n', '\n', '\n\n'],
    ...[
      '[a](',
      ')',
      '![b](',
      '|',
      '- ',
      '> ',
      '#',
      '<script>',
      'onerror=',
      'javascript:',
      'https://a.b/',
    ],
    ...['\ue0000\ue001', '\\href{', '\\text{', '}', '{', '\\\\', '\\begin{cases}', '\\end{cases}'],
  ),
  fc.string({ maxLength: 4, unit: 'grapheme-ascii' }),
)

test('whatever the text is, the tags are ours and carry nothing that acts', () => {
  const tags =
    /^\/?(a|annotation|blockquote|br|button|code|del|div|em|figcaption|figure|h[3-6]|hr|li|math|m[a-z]+|ol|p|path|pre|s|semantics|span|strong|svg|table|tbody|td|th|thead|tr|ul|line)$/
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (parts) => {
      const html = render(parts.join(''))
      for (const [, name = '', attributes = ''] of html.matchAll(
        /<([^\s>]+)((?:"[^"]*"|[^">])*)>/g,
      )) {
        expect(name).toMatch(tags)
        expect(attributes.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/\s(on\w+|src|id|name)=/i)
        expect(attributes).not.toMatch(/href="(?!https?:\/\/)(?!about:blank)/)
      }
    }),
    { numRuns: 600 },
  )
})

test('in pieces it is the same, whatever the text is', () => {
  const block = fc.constantFrom(
    ...[
      '- a $x$\n- b\n\n  c\n',
      '1. $$y$$\n',
      '> $x$ `$z$`\n\n',
      '| $a$ | b |\n|--|--|\n| c | $d$ |\n',
    ],
    ...[
      '# $x$\n',
      '---\n',
      '    $code$\n',
      '```py\nx = "$"\n```\n',
      '![$x$](https://a.b/$y$)',
      '*so* ',
    ],
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, block), { maxLength: 25 }), (parts) => {
      const text = parts.join('')
      expect([...markdownPieces(text)].join('')).toBe(renderMarkdown(text, {}))
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['macros that grow', `$${'\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\def\\c{\\d\\d}'}\\def\\d{\\a}\\a$`],
  ['nested deep', `$${'{'.repeat(20_000)}${'}'.repeat(20_000)}$`],
  ['quotes in quotes', '>'.repeat(20_000)],
  ['brackets', '['.repeat(20_000)],
  ['fractions', `$${'\\frac{1}{'.repeat(3000)}x${'}'.repeat(3000)}$`],
  ['a wide rule', '$\\rule{100000em}{100000em}$'],
  ['asterisks', '*a '.repeat(10_000)],
  ['dollars', '$a '.repeat(10_000)],
])('%s cost a bounded time', (_name, text) => {
  const startedMs = performance.now()
  let html = ''
  try {
    html = render(text)
  } catch {
    // Deeper than the stack: the worker says so, and the page shows the source.
  }
  expect(performance.now() - startedMs).toBeLessThan(25_000)
  expect(html.replaceAll(/<annotation[\s\S]*?<\/annotation>/g, '')).not.toMatch(/\b\d{4,}em/)
})

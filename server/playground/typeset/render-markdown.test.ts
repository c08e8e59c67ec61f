import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { formulaHtml } from './formula-html.ts'
import { formulaSource } from './formula-source.ts'
import { renderMarkdown } from './render-markdown.ts'

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
  expect(html).toContain('<code class="source">$\\message{{&quot;level&quot;:50}}$</code>')
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

/** What a reader sees, formulas as their LaTeX. */
const shown = (text: string) =>
  renderMarkdown(text, { copy: 'Copy' })
    .replaceAll(
      /<span class="math" data-tex="([^"]*)">.*?<\/math><\/span><span class="katex-html".*?<\/span>(?=<\/span>)/gs,
      '⟦$1⟧',
    )
    .replaceAll(/<br>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()

test.each([
  ['5*3*2 = 30'],
  ['2**3**2 and f(x)*g(x)*h(x)'],
  ['(a+b)*(c+d)*(e+f)'],
  ['a_b_c and snake_case_name'],
  ['\\{1, 2\\} and a\\,b'],
  ['unclosed \\( a*b* c and \\{'],
  ['unclosed \\[ a*b* c _d_'],
  ['\\begin{tabular}{|c|} a & b \\\\ *c* \\end{tabular}'],
  ['\\begin{align} a*b* &= c'],
  ['100-$50=$50 and *x'],
  ['x\n=\ny'],
  [`$${'x'.repeat(21_000)}$`],
])('%s: nothing else is shown than was written', (text) => {
  const bare = (said: string) => said.replaceAll(/\s+/g, '')
  expect(bare(shown(text))).toBe(bare(text))
})

test.each([
  ['**注意：**这里', '<strong>注意：</strong>这里'],
  ['。**“判别式”**为零', '。<strong>“判别式”</strong>为零'],
  ['所以**方程（1）**有', '所以<strong>方程（1）</strong>有'],
  ['中文**粗体**中文*斜体*中', '中文<strong>粗体</strong>中文<em>斜体</em>中'],
  [
    '**Step**s, **bold**, *it* and ***both***',
    '<strong>Step</strong>s, <strong>bold</strong>, <em>it</em> and <em><strong>both</strong></em>',
  ],
  [
    'He paid **$4** for x and **$3** for y.',
    'He paid <strong>$4</strong> for x and <strong>$3</strong> for y.',
  ],
])('%s is emphasised where it is meant', (text, html) => {
  expect(render(text).trim()).toBe(`<p>${html}</p>`)
})

test.each([
  ['25%', '25\\%'],
  ['\\text{50% of } x', '\\text{50\\% of } x'],
  ['\\text{a_b} + \\text{x & y #1}', '\\text{a\\_b} + \\text{x \\& y \\#1}'],
  ['\\text{costs $5}', '\\text{costs \\$5}'],
  ['\\text{if $x>0$}', '\\text{if $x>0$}'],
  ['\\mbox{if } x', '\\text{if } x'],
  ['\\boxed{B) 50% more}', '\\boxed{\\text{B) 50\\% more}}'],
  ['\\boxed{x + y}', '\\boxed{x + y}'],
  ['\\enclose{longdiv}{12}', '\\longdiv{12}'],
  ['\\begin{eqnarray*} a &=& b \\end{eqnarray*}', '\\begin{darray}{rcl} a &=& b \\end{darray}'],
])('%s reaches KaTeX as %s', (tex, source) => {
  expect(formulaSource(tex)).toBe(source)
})

const typeset = [
  ...['\\overarc{AB}', '\\wideparen{CD}', '\\cancelto{0}{x}', '\\abs{x}', '\\norm{v}', '\\ce{H2O}'],
  ...[
    '\\mbox{if } x',
    '\\framebox{x}',
    '\\text{a_b}',
    '\\text{a^b}',
    '\\eqref{eq:1}',
    '\\label{a} x',
  ],
  ...['\\newcommand{\\R}{\\mathbb{R}} x \\in \\R', '\\renewcommand{\\foo}{x}\\foo', '\\lcm(3, 4)'],
  ...[
    '\\DeclareMathOperator{\\lcm}{lcm}\\lcm(3)',
    '\\def\\x#1{#1+1}\\x{2}',
    '\\cases{a & b \\cr c & d}',
  ],
  ...['\\begin{array}{c|c} a & b \\\\ \\cline{1-2} \\multicolumn{2}{c}{\\text{sum}} \\end{array}'],
  ...[
    'a &= b \\\\ &= c',
    'x = 50% \\cdot y',
    '\\#1',
    '#1',
    '\\begin{align} a &= b \\label{x} \\end{align}',
  ],
  ...['\\begin{aligned} \\begin{aligned} a &= b \\end{aligned} \\end{aligned}'],
]

test.each(typeset)('%s is typeset, in a line and as a display', (tex) => {
  for (const display of [true, false]) {
    expect(formulaHtml({ tex, display }), tex).toContain('class="katex"')
  }
})

const environments =
  `align align* alignat* aligned array Bmatrix bmatrix cases CD dcases drcases eqnarray eqnarray*
  equation flalign flalign* gather gathered matrix multline multline* pmatrix rcases smallmatrix split vmatrix Vmatrix
  psmallmatrix displaymath math subequations`
    .split(/\s+/)
    .map((name) => {
      const columns = /^array$/.test(name) ? '{ll}' : /^alignat/.test(name) ? '{1}' : ''
      const body = /^(?:CD)$/.test(name)
        ? 'A @>a>> B'
        : /^(?:equation|multline|gather|displaymath|math|subequations)/.test(name)
          ? 'a \\\\ b'
          : 'a & b \\\\ c & d'
      return `\\begin{${name}}${columns} ${body} \\end{${name}}`
    })

test.each(environments)('bare, %s is typeset', (text) => {
  expect(render(`So\n\n${text}\n\nand in a line ${text}.`)).not.toContain('class="source"')
})

test('what cannot be typeset is shown as its source, marked, and what is beside it is typeset', () => {
  const html = render('$\\undefinedcommand{x}$ and $y$')
  expect(html).toContain('<code class="source">$\\undefinedcommand{x}$</code>')
  expect(html).toContain('data-tex="$y$"')
})

test('a break is one in a cell, and a bar of a formula ends none', () => {
  const html = render('| a | b |\n|---|--:|\n| x<br>y | $|A \\cup B|$ |\n| `a|b` | \\|c |')
  expect(html.match(/<td/g)).toHaveLength(4)
  expect(html).toContain('x<br>')
  expect(html).toContain('data-tex="$|A \\cup B|$"')
  expect(html).toContain('<code>a|b</code>')
})

test('what is nested deeper than is parsed is shown as its source', () => {
  const deep = `${'>'.repeat(200)} a`
  expect(render(deep)).toContain('&gt; a</pre>')
})

/** Each costs so much that a quadratic scan of it takes seconds. */
const long: [string, (n: number) => string][] = [
  ['display openers', (n) => '\\['.repeat(n / 2)],
  ['inline openers', (n) => '\\(a'.repeat(n / 3)],
  ['links', (n) => '[a](https://b.c)'.repeat(n / 16)],
  ['environments', (n) => '\\begin{align}'.repeat(n / 13)],
  ['brackets', (n) => '['.repeat(n)],
  ['brackets before a link', (n) => `${'['.repeat(n)}](https://a.b)`],
  ['dollars', (n) => '$a '.repeat(n / 3)],
  ['dollars in braces', (n) => '${'.repeat(n / 2)],
  ['double dollars', (n) => '$$ a\n'.repeat(n / 5)],
  ['asterisks', (n) => '*a '.repeat(n / 3)],
  ['asterisks and underlines', (n) => '*a _b '.repeat(n / 6)],
  ['backticks', (n) => Array.from({ length: Math.sqrt(n) }, (_, i) => '`'.repeat(i + 1)).join(' ')],
  ['braces', (n) => `$${'{'.repeat(n)}`],
  ['boxes', (n) => '\\boxed{'.repeat(n / 7)],
  ['blank lines in displays', (n) => '\\[\n\n'.repeat(n / 4)],
  ['lists', (n) => '- a\n\n'.repeat(n / 5)],
  [
    'nested lists',
    (n) => Array.from({ length: Math.sqrt(n) }, (_, i) => `${' '.repeat(i)}- a\n`).join(''),
  ],
  ['table heads', (n) => 'a|b\n-|-|-\n'.repeat(n / 10)],
  ['table rows', (n) => `a|b\n-|-\n${'$x|y$|`z`\n'.repeat(n / 10)}`],
  ['quotations', (n) => '> a\n\n'.repeat(n / 5)],
  ['lazy quotations', (n) => '>'.repeat(n / 10)],
  ['entities', (n) => '&amp;'.repeat(n / 5)],
  ['tags', (n) => '<a '.repeat(n / 3)],
  ['backslashes', (n) => '\\'.repeat(n)],
  ['headings', (n) => '# a\n'.repeat(n / 4)],
  ['underlines', (n) => 'a\n---\n'.repeat(n / 6)],
]

/** Milliseconds of the faster of two runs. */
function timeOf(work: () => void): number {
  return Math.min(
    ...[1, 2].map(() => {
      const startedMs = performance.now()
      work()
      return performance.now() - startedMs
    }),
  )
}

test.each(long)(
  '%s: four times the text takes about four times as long',
  (_name, make) => {
    const [small, large] = [make(25_000), make(100_000)]
    const smallMs = timeOf(() => render(small))
    const largeMs = timeOf(() => render(large))
    // A square would be 16 times; a busy machine may double one of them.
    expect(largeMs).toBeLessThan(Math.max(1000, smallMs * 10))
  },
  60_000,
)

test.each([
  ['macros that grow', `$${'\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\def\\c{\\d\\d}'}\\def\\d{\\a}\\a$`],
  ['a macro that is long', `$\\def\\a{${'x'.repeat(1000)}}${'\\a'.repeat(50)}$`],
  ['a macro that doubles', `$\\def\\a#1{#1#1}${'\\a{'.repeat(12)}x${'}'.repeat(12)}$`],
  ['nested deep', `$${'{'.repeat(9_000)}${'}'.repeat(9_000)}$`],
  ['quotes in quotes', '>'.repeat(20_000)],
  ['fractions', `$${'\\frac{1}{'.repeat(1500)}x${'}'.repeat(1500)}$`],
  ['a wide rule', '$\\rule{100000em}{100000em}$'],
])('%s cost no more than a page of text', (_name, text) => {
  const page = 'Let $x_1$ be $\\frac{a}{b}$ and so on. '.repeat(300)
  const ordinaryMs = timeOf(() => render(page))
  let html = ''
  expect(
    timeOf(() => {
      html = render(text)
    }),
  ).toBeLessThan(Math.max(500, ordinaryMs * 5))
  expect(html.replaceAll(/<annotation[\s\S]*?<\/annotation>|data-tex="[^"]*"/g, '')).not.toMatch(
    /\b\d{4,}em/,
  )
})

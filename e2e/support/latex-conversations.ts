/** What people ask and models answer, with everything in it that is hard to set. */
export const conversations: Record<string, string> = {
  mathematics: String.raw`# Solve $x^2 - 5x + 6 = 0$

By **Vieta**, $x_1 + x_2 = 5$ and \(x_1 x_2 = 6\):

\begin{align}
x_1 &= \frac{5 + \sqrt{25 - 24}}{2} = 3 \\

x_2 &= 2
\end{align}

so $$\boxed{x \in \{2, 3\}}$$ and \[ \begin{cases} a, & n \text{ even} \\ b, & n \text{ odd} \end{cases} \]
The answer is $\boxed{\text{(B) } 7\%}$, as $\mathbb{Z}/p\mathbb{Z} \cong \operatorname{Gal}(K/\mathbb{Q})$.`,
  chinese: String.raw`求解方程 $x^2=4$。设 $\text{速度}=v$，则 $v=数$；“因此” $x=\pm 2$——答案是 \boxed{2}。

| 方法 | 结果 |
|---|---|
| 因式分解 | $x=2$ |
| 求根公式 | $x=-2$（舍去）|

\[\boxed{x=2\text{ 或 }x=-2}\] 日本語の文章と 한국어.`,
  signs: `So α ≤ β → γ, √2 ≈ 1.41, x² + y₁₂ ≠ 10⁻³, ∑ᵢ aᵢ ∈ ℝ, ∀ε>0 ∃δ. 「✓」 ★ ☃ 😀 👩‍🔬 🇩🇪 ─│┌ “q” ‘s’ … – — • ½ ‰ Ж é ñ ß Ł א ع

$α + β ≤ γ²$, $\\text{if } x ∈ ℝ → y$, $x^α_β$, $a × b ÷ c · d ± e$, $x = 5€$, $é$, $∞$`,
  code: `\`\`\`python
def f(x):  # \\end{quote} % & # _ ^ ~ $x$
    return {"a": [1, 2]}["a"]${'  '}

	print("tab", '\\\\', "α ≤ β", "数学", "😀")
\`\`\`

    indented \\begin{verbatim}

Inline \`a_b^c %d \\n $x$ \`\`, and \`\`\` \` \`\`\`.

\`\`\`
${'x = x + 1; '.repeat(200)}
\`\`\``,
  lists: `${Array.from({ length: 9 }, (_, depth) => `${'  '.repeat(depth)}- level ${depth} $x_${depth}$`).join('\n')}

${Array.from({ length: 7 }, (_, depth) => `${'   '.repeat(depth)}${depth + 1}. step [${depth}] \\[x\\]`).join('\n')}

999999999. far

> quote
> > in a quote
> > > ${'> '.repeat(8)} deep

- [ ] a task
- 

1.
2. [bracket] first`,
  tables: `| a | b | c |
|:--|:-:|--:|
| $|x|$ | \`|\` | a & b \\| c |
| **bold $y$** | *it* | ~~no~~ |
|  | [link](https://example.org/a_b%20c#d) | ![image](https://example.org/x_y.png) |

|${' h |'.repeat(45)}
|${'---|'.repeat(45)}
|${' 1 |'.repeat(45)}

| ${'A long cell of words that goes on and on. '.repeat(12)} | b |
|---|---|
| ${'x'.repeat(300)} | $${'a+'.repeat(150)}b$ |`,
  broken: String.raw`$\frac{1}{2$ and $$\left( x$$ and \(a \] and \begin{align} x \end{aligned} and $x_1_2$ and $\undefined{x}$

$$
\begin{matrix} 1 & 2 \\ 3
$$

\boxed{unclosed and }closed} \end{document} \input{/etc/passwd} % comment
$a % b$ $\def\x{\x\x}\x$ $\color{red} x$ $\textcolor{#f00}{x}$ $\colorbox{yellow}{a_b}$ $\bm{x}\mathscr{L}$
$\text{cost: \$5 & 10\% of #1}$ $\verb|x|$ $x \tag{1}$ $$x \tag{*} y \label{a}$$ $$a \\ b$$ $$x & y$$`,
  long: `${'word '.repeat(4000)}\n\n$$${'x_{1} + '.repeat(800)}y$$\n\n${'w'.repeat(5000)}\n\n$${'\\sqrt{'.repeat(90)}x${'}'.repeat(90)}$`,
  empty: ' \n\n',
}

/** Of which chance makes texts. */
export const pieces = [
  ...['**', '*', '`', '```\n', '~~', '$', '$$', '\\(', '\\)', '\\[', '\\]', '\n', '\n\n', ' ', 'x'],
  ...['\\frac{1}{2}', '\\frac{', '}', '{', '^', '_', '&', '%', '#', '~', '\\\\', '\\', '|', '"'],
  ...['- ', '  - ', '1. ', '> ', '# ', '## ', '---\n', '    ', '\t', '[a](https://x.y)', '![b](z)'],
  ...['| a | b |\n|--|--|\n| $c$ | d |\n', '\\begin{align}', '\\end{align}', 'a &= b', '\\boxed{'],
  ...['\\begin{cases}', '\\end{cases}', '\\text{', '\\left(', '\\right)', '\\tag{1}', '\\limits'],
  ...['数', 'α', '≤', '²', '😀', 'é', 'Ж', '\u200d', '\u0301', '\\bm{', '\\color{red}', '\\hline'],
  ...[
    '\\sum_{i=1}^n',
    '\\int',
    '\\sqrt[3]{',
    '\\mathbb{R}',
    '\\operatorname{f}',
    '\\overset{a}{b}',
  ],
  ...[
    '\\begin{array}{c|c}',
    '\\end{array}',
    '\\middle|',
    '\\nonumber',
    '\\substack{a\\\\b}',
    '\\,',
  ],
]

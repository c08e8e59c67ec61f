import type { ExportedBranch, RenderText } from './exported.ts'

const style = `
:root{color-scheme:light dark;--color-bad:light-dark(#a3252b,#f2a0a0)}
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:17px/1.55 system-ui,sans-serif}
h1{font-size:1.6rem}h2{margin-top:2.5rem;font-size:1.15rem}
.about,summary{color:light-dark(#5a5a66,#a9a9b4)}
.question{padding:.1rem 1rem;border-radius:8px;background:light-dark(#f3f3f0,#26262c);white-space:pre-wrap}
details{border:1px solid light-dark(#dcdcd6,#3c3c44);border-radius:8px;padding:.4rem 1rem;margin:1rem 0}
code.source{border-bottom:1px dashed;white-space:pre-wrap;overflow-wrap:anywhere}
pre.source{white-space:pre-wrap}
pre{overflow-x:auto;padding:.8rem;border:1px solid light-dark(#dcdcd6,#3c3c44);border-radius:8px}
figure{margin:1em 0}figcaption{font-family:monospace;font-size:.85em}
.wide,.katex-display{overflow-x:auto;overflow-y:hidden}
table{border-collapse:collapse}th,td{border:1px solid light-dark(#dcdcd6,#3c3c44);padding:.3em .7em}
blockquote{margin-inline:0;padding-inline-start:1em;border-inline-start:3px solid light-dark(#c4c4bc,#55555f)}
@media print{details{border:0}}
`

/**
 * The branch as one page that needs nothing but itself: no script, no address. `katexStyle` is KaTeX's style sheet with
 * its fonts inside; `render` typesets what a person or a model wrote, elsewhere than on this thread.
 */
export async function* exportHtml(
  { title, at, turns }: ExportedBranch,
  katexStyle: string,
  render: RenderText,
): AsyncGenerator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${katexStyle}${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p class="about">${escapeHtml(at)}</p>
`
  for (const { question, answer } of turns) {
    yield '<h2>Problem</h2><div class="question">'
    yield* render(question)
    yield '</div>\n'
    if (!answer) continue
    yield `<h2>Answer</h2><p class="about">${escapeHtml(answer.about)}</p>\n`
    if (answer.reasoning) {
      yield '<details><summary>Reasoning</summary>'
      yield* render(answer.reasoning)
      yield '</details>\n'
    }
    yield* render(answer.content)
    yield '\n'
  }
  yield '</body>\n</html>\n'
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

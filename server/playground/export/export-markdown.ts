import type { ExportedBranch } from './exported.ts'

/** The branch as one Markdown file; thoughts are kept apart as a quotation. */
export function exportMarkdown({ title, at, turns }: ExportedBranch): string {
  const parts = turns.flatMap(({ question, answer }) => [
    '## Problem',
    question,
    ...(answer
      ? [
          `## Answer`,
          `*${answer.about}*`,
          ...(answer.reasoning ? ['### Reasoning', quoted(answer.reasoning), '### Solution'] : []),
          answer.content || '*(no answer)*',
        ]
      : []),
  ])
  return `${[`# ${oneLine(title)}`, `*${at}*`, ...parts].join('\n\n')}\n`
}

function quoted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

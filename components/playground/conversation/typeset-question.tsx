'use client'
import { Typeset } from '#components/playground/typeset/typeset.tsx'
import { questionMarkdown } from './question-markdown.ts'

/** A problem with its formulas set, as a blackboard shows it; one without is the text that was typed. */
export function TypesetQuestion({ text }: { text: string }) {
  const markdown = questionMarkdown(text)
  if (markdown) return <Typeset text={markdown} />
  return <p className="wrap-anywhere whitespace-pre-wrap">{text}</p>
}

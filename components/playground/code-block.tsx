'use client'
import { isValidElement, type ReactNode } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'

/** A block of code with its language and a button to take it along. */
export function CodeBlock({ children }: { children?: ReactNode }) {
  const { text, language } = codeOf(children)
  return (
    <figure className="my-3 overflow-hidden rounded-lg border border-line bg-log">
      <figcaption className="flex items-center justify-between border-b border-line px-3 py-0.5 text-[0.85rem] text-muted">
        <span className="font-mono">{language}</span>
        <CopyButton text={text} />
      </figcaption>
      <pre className="p-3 font-mono text-[0.87rem] break-words whitespace-pre-wrap">{text}</pre>
    </figure>
  )
}

function codeOf(children: ReactNode): { text: string; language: string } {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children)) {
    return { text: String(children ?? ''), language: '' }
  }
  const language = /language-([\w+#-]+)/.exec(children.props.className ?? '')?.[1] ?? ''
  return { text: String(children.props.children ?? '').replace(/\n$/, ''), language }
}

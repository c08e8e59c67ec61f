'use client'
import 'katex/dist/katex.min.css'
import { memo } from 'react'
import Markdown, { type Components } from 'react-markdown'
import rehypeKatex from 'rehype-katex'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import { CodeBlock } from './code-block.tsx'
import { normaliseMath } from './normalise-math.ts'

/** What a model writes may not run, load or grow without bound. */
const katexOptions = {
  throwOnError: false,
  errorColor: 'var(--color-bad)',
  trust: false,
  strict: 'ignore' as const,
  maxExpand: 500,
  maxSize: 20,
}

const components: Components = {
  // An image would tell a stranger's server who reads: it is shown as the link that it is.
  img: ({ src, alt }) => (
    <ShownLink href={typeof src === 'string' ? src : undefined}>{alt}</ShownLink>
  ),
  a: ({ href, children }) => <ShownLink href={href}>{children}</ShownLink>,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
}

function ShownLink({ href, children }: { href?: string; children?: React.ReactNode }) {
  if (!href || !URL.canParse(href) || !/^https?:/.test(href)) return <>{children}</>
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children} ({new URL(href).host})
    </a>
  )
}

export const MarkdownBlock = memo(function MarkdownBlock({ text }: { text: string }) {
  return (
    <Markdown
      remarkPlugins={[remarkGfm, remarkMath]}
      rehypePlugins={[[rehypeKatex, katexOptions]]}
      components={components}
      skipHtml
    >
      {normaliseMath(text)}
    </Markdown>
  )
})

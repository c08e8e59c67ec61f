'use client'
import dynamic from 'next/dynamic'
import { memo, useRef } from 'react'
import { extendBlocks, newBlockCursor } from './split-blocks.ts'

/** Markdown, mathematics and their styles are large: they come with the first answer, not with the page. */
const MarkdownBlock = dynamic(() => import('./markdown-block.tsx').then((m) => m.MarkdownBlock))

const openBlockMax = 4000

const Finished = memo(function Finished({ text }: { text: string }) {
  return (
    <div className="[contain-intrinsic-size:auto_3rem] [content-visibility:auto]">
      <MarkdownBlock text={text} />
    </div>
  )
})

/** A text that may still grow. Finished blocks are typeset once; only the open one is done again as it grows. */
export function Typeset({ text, growing }: { text: string; growing: boolean }) {
  const state = useRef({ text: '', blocks: [] as string[], cursor: newBlockCursor() })
  if (!text.startsWith(state.current.text)) {
    state.current = { text: '', blocks: [], cursor: newBlockCursor() }
  }
  if (text !== state.current.text || state.current.blocks.length === 0) {
    extendBlocks(state.current.blocks, text, state.current.cursor)
    state.current.text = text
  }
  const finished = state.current.blocks.slice(0, -1)
  const open = state.current.blocks.at(-1) ?? ''
  return (
    <div className="typeset">
      {finished.map((block, index) => (
        <Finished key={`${index}:${block.length}`} text={block} />
      ))}
      {growing && open.length > openBlockMax ? (
        <p className="whitespace-pre-wrap">{open}</p>
      ) : (
        <MarkdownBlock text={open} />
      )}
    </div>
  )
}

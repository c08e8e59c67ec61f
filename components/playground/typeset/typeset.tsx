'use client'
import dynamic from 'next/dynamic'
import { memo } from 'react'
import { type Blocks, chapterBlocks, useBlocks } from './use-blocks.ts'

/** The styles of mathematics and the way to the workers come with the first answer, not with the page. */
const TypesetBlock = dynamic(() => import('./typeset-block.tsx').then((m) => m.TypesetBlock))

/**
 * Blocks in groups: those that are full never change again, so that a long text costs a growing answer nothing. A block
 * keeps its place, and what was done to it there, when its group fills up.
 */
const Chapter = memo(function Chapter({
  blocks,
  first,
}: {
  blocks: readonly string[]
  first: number
}) {
  return blocks.map((text, index) => (
    <TypesetBlock key={first + index} index={first + index} text={text} />
  ))
})

/**
 * A text that may still grow. Finished blocks are typeset once, and only while they are near what is seen. With `runs`
 * the programs in it can be run.
 */
export const Typeset = memo(function Typeset({ text, runs }: { text: string; runs?: boolean }) {
  return <TypesetBlocks blocks={useBlocks(text)} runs={runs} />
})

export function TypesetBlocks({
  blocks: { feed, chapters },
  runs,
}: {
  blocks: Blocks
  runs?: boolean
}) {
  const first = chapters.length * chapterBlocks
  return (
    <div className="typeset" data-runs={runs ? '' : undefined}>
      {chapters.map((blocks, index) => (
        <Chapter key={index * chapterBlocks} blocks={blocks} first={index * chapterBlocks} />
      ))}
      <Chapter key={first} blocks={[...feed.finished.slice(first), feed.open]} first={first} />
    </div>
  )
}

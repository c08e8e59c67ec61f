'use client'
import dynamic from 'next/dynamic'
import { memo, useRef } from 'react'
import { type BlockFeed, createBlockFeed } from './split-blocks.ts'

/** The styles of mathematics and the way to the workers come with the first answer, not with the page. */
const TypesetBlock = dynamic(() => import('./typeset-block.tsx').then((m) => m.TypesetBlock))

const chapterBlocks = 32

/** Finished blocks in groups that never change again, so that a long text costs a growing answer nothing. */
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

type Read = { text: string; feed: BlockFeed; chapters: (readonly string[])[] }

function readNothing(): Read {
  return { text: '', feed: createBlockFeed(), chapters: [] }
}

/** A text that may still grow. Finished blocks are typeset once, and only while they are near what is seen. */
export function Typeset({ text }: { text: string }) {
  const read = useRef<Read>(undefined)
  read.current = readOn(read.current ?? readNothing(), text)
  const { feed, chapters } = read.current
  const first = chapters.length * chapterBlocks
  return (
    <div className="typeset">
      {chapters.map((blocks, index) => (
        <Chapter key={index * chapterBlocks} blocks={blocks} first={index * chapterBlocks} />
      ))}
      {[...feed.finished.slice(first), feed.open].map((block, index) => (
        <TypesetBlock key={first + index} index={first + index} text={block} />
      ))}
    </div>
  )
}

function readOn(before: Read, text: string): Read {
  if (text === before.text) return before
  const read = text.startsWith(before.text) ? before : readNothing()
  read.feed.extend(text.slice(read.text.length))
  const { finished } = read.feed
  while (finished.length >= (read.chapters.length + 1) * chapterBlocks) {
    const first = read.chapters.length * chapterBlocks
    read.chapters.push(finished.slice(first, first + chapterBlocks))
  }
  return Object.assign(read, { text })
}

'use client'
import { useRef } from 'react'
import { type BlockFeed, createBlockFeed } from '#server/playground/typeset/split-blocks.ts'

/** A text as blocks: those that are finished also in chapters, arrays that never change again. */
export type Blocks = { text: string; feed: BlockFeed; chapters: (readonly string[])[] }

export const chapterBlocks = 32

/** The blocks of a text that may still grow; what was read is not read again. */
export function useBlocks(text: string): Blocks {
  const read = useRef<Blocks>(undefined)
  read.current = readOn(read.current ?? readNothing(), text)
  return read.current
}

function readNothing(): Blocks {
  return { text: '', feed: createBlockFeed(), chapters: [] }
}

function readOn(before: Blocks, text: string): Blocks {
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

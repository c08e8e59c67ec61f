import { parentPort } from 'node:worker_threads'
import { latexBlock } from '#server/playground/export/export-latex.ts'
import { renderBlock } from '#server/playground/typeset/render-markdown.ts'
import { splitBlocks } from '#server/playground/typeset/split-blocks.ts'
import type { ExportJob, ExportReply } from './render-in-worker.ts'

const say = (reply: ExportReply) => parentPort?.postMessage(reply)

/** Formulas can take long, and much memory: they have a thread of their own, which may be ended in the middle of one. */
parentPort?.on('message', ({ source, format }: ExportJob) => {
  for (const block of splitBlocks(source)) {
    say({ beginning: block })
    let made: string | undefined
    try {
      made = format === 'html' ? renderBlock(block, {}) : latexBlock(block)
    } catch {
      // Nested deeper than the stack: it is shown as its source.
    }
    say({ made })
  }
  say('end')
})
say('ready')

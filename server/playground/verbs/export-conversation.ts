import type { Context } from '#server/context.ts'
import { yieldBetween } from '#server/platform/time/yield-to-event-loop.ts'
import { escapeHtml, exportHtml } from '#server/playground/export/export-html.ts'
import { exportLatex, latexCode } from '#server/playground/export/export-latex.ts'
import { exportMarkdown } from '#server/playground/export/export-markdown.ts'
import type { ExportedBranch } from '#server/playground/export/exported.ts'
import { branchOf } from '#server/playground/model/conversation-tree.ts'
import type { ExportFormat } from '#server/playground/views/conversation-views.ts'
import { answerTexts } from './answer-texts.ts'
import { getConversation } from './get-conversation.ts'
import { katexStyle } from './katex-style.ts'
import { renderInWorker } from './render-in-worker.ts'

/**
 * A branch as a file, which is made while it is read; as JSON all branches, with everything that is known of each answer.
 */
export async function exportConversation(
  ctx: Context,
  { id, format, answer }: { id: string; format: ExportFormat; answer?: string },
): Promise<{ title: string; parts: AsyncIterable<string> }> {
  const conversation = await getConversation(ctx, { id })
  const { title } = conversation
  if (format === 'json') {
    const texts = await answerTexts(ctx, conversation.generations)
    const generations = conversation.generations.map((one) => ({ ...one, ...texts.get(one.id) }))
    const text = `${JSON.stringify({ ...conversation, generations }, null, 2)}\n`
    return { title, parts: yieldBetween([text]) }
  }
  const turns = branchOf(conversation, answer)
  const texts = await answerTexts(
    ctx,
    turns.flatMap(({ chosen }) => chosen ?? []),
  )
  const branch: ExportedBranch = {
    title,
    at: ctx.now().toISOString().slice(0, 10),
    turns: turns.map(({ question, chosen }) => {
      const text = chosen && texts.get(chosen.id)
      if (!text) return { question: question.text }
      const { binding, preset, sampling } = chosen.request
      const about = [
        `${binding.namespace}/${binding.name}`,
        ...(preset ? [preset] : []),
        `temperature ${sampling.temperature}`,
        ...(sampling.seed === undefined ? [] : [`seed ${sampling.seed}`]),
      ].join(', ')
      const { reasoning, content, finishReason } = text
      return { question: question.text, answer: { reasoning, content, about, finishReason } }
    }),
  }
  return { title, parts: await partsOf(branch, format) }
}

async function partsOf(
  branch: ExportedBranch,
  format: Exclude<ExportFormat, 'json'>,
): Promise<AsyncIterable<string>> {
  if (format === 'markdown') return yieldBetween([exportMarkdown(branch)])
  if (format === 'latex') {
    const render = (source: string) => renderInWorker({ source, format }, latexCode)
    return yieldBetween([await exportLatex(branch, render)])
  }
  const render = (source: string) => renderInWorker({ source, format }, sourceHtml)
  return exportHtml(branch, await katexStyle(), render)
}

function sourceHtml(source: string): string {
  return `<pre class="source">${escapeHtml(source)}</pre>\n`
}

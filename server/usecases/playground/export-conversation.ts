import { branchOf } from '#server/domain/playground/conversation-tree.ts'
import type { ExportFormat } from '#server/domain/playground/conversation-views.ts'
import { exportHtml } from '#server/domain/typeset/export-html.ts'
import { exportLatex } from '#server/domain/typeset/export-latex.ts'
import { exportMarkdown } from '#server/domain/typeset/export-markdown.ts'
import type { ExportedBranch } from '#server/domain/typeset/exported.ts'
import type { Context } from '#server/usecases/context.ts'
import { answerTexts } from './answer-texts.ts'
import { getConversation } from './get-conversation.ts'
import { katexStyle } from './katex-style.ts'

/** A branch as a file; as JSON all branches, with everything that is known of each answer. */
export async function exportConversation(
  ctx: Context,
  { id, format, answer }: { id: string; format: ExportFormat; answer?: string },
): Promise<{ title: string; text: string }> {
  const conversation = await getConversation(ctx, { id })
  const { title } = conversation
  if (format === 'json') {
    const texts = await answerTexts(ctx, conversation.generations)
    const generations = conversation.generations.map((one) => ({ ...one, ...texts.get(one.id) }))
    return { title, text: `${JSON.stringify({ ...conversation, generations }, null, 2)}\n` }
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
  if (format === 'markdown') return { title, text: exportMarkdown(branch) }
  if (format === 'latex') return { title, text: exportLatex(branch) }
  return { title, text: exportHtml(branch, await katexStyle()) }
}

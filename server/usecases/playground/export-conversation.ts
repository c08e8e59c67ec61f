import { branchOf } from '#server/domain/playground/conversation-tree.ts'
import type { ExportFormat } from '#server/domain/playground/conversation-views.ts'
import { exportHtml } from '#server/domain/typeset/export-html.ts'
import { exportLatex } from '#server/domain/typeset/export-latex.ts'
import { exportMarkdown } from '#server/domain/typeset/export-markdown.ts'
import type { ExportedBranch } from '#server/domain/typeset/exported.ts'
import type { Context } from '#server/usecases/context.ts'
import { answerTexts } from './answer-texts.ts'
import { getConversation } from './get-conversation.ts'
import { inTurns } from './in-turns.ts'
import { katexStyle } from './katex-style.ts'

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
    return { title, parts: inTurns([text]) }
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
  return { title, parts: inTurns(await piecesOf(branch, format)) }
}

async function piecesOf(
  branch: ExportedBranch,
  format: Exclude<ExportFormat, 'json'>,
): Promise<Iterable<string>> {
  if (format === 'markdown') return [exportMarkdown(branch)]
  if (format === 'latex') return exportLatex(branch)
  return exportHtml(branch, await katexStyle())
}

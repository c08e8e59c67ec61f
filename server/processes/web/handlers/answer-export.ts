import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Context } from '#server/context.ts'
import { requestIdHeader } from '#server/platform/http/trusted-proxy.ts'
import { writePart } from '#server/platform/http/write-part.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { exportConversation } from '#server/playground/verbs/export-conversation.ts'
import { type ExportFormat, exportFormats } from '#server/playground/views/conversation-views.ts'

const files: Record<ExportFormat, { type: string; ending: string }> = {
  markdown: { type: 'text/markdown; charset=utf-8', ending: 'md' },
  latex: { type: 'application/x-tex; charset=utf-8', ending: 'tex' },
  html: { type: 'text/html; charset=utf-8', ending: 'html' },
  json: { type: 'application/json', ending: 'json' },
}

const querySchema = z.object({
  format: z.enum(exportFormats).default('markdown'),
  answer: z.uuid().optional(),
})

/** A conversation as a file to keep. */
export async function answerExport(
  ctx: Context,
  id: string,
  query: URLSearchParams,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const asked = querySchema.safeParse(Object.fromEntries(query))
  if (!asked.success) {
    const message = `format: one of ${exportFormats.join(', ')}; answer: the id of one`
    throw new AppError('bad-request', message, { fields: [{ field: 'format', message }] })
  }
  const { title, parts } = await exportConversation(ctx, { id, ...asked.data })
  const { type, ending } = files[asked.data.format]
  const name = `${title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'conversation'}.${ending}`
  // Nothing is sent before the first part is there: until then a failure is an ordinary error answer.
  const rest = parts[Symbol.asyncIterator]()
  let next = await rest.next()
  response.writeHead(200, {
    [requestIdHeader]: requestId,
    'content-type': type,
    'content-disposition': `attachment; filename="conversation.${ending}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'cache-control': 'no-store',
  })
  for (; !next.done; next = await rest.next()) {
    await writePart(response, next.value)
    // Nothing more is typeset for a reader who has left.
    if (response.destroyed) return
  }
  response.end()
}

import type { ServerResponse } from 'node:http'
import { csvHeader, csvLine } from '#server/audit/model/audit-csv.ts'
import { auditQuerySchema } from '#server/audit/model/audit-query.ts'
import { exportAudit } from '#server/audit/verbs/export-audit.ts'
import { writePart } from '#server/platform/http/write-part.ts'
import { authenticateAndAuthorize, type RawRequest } from '#server/processes/web/authenticate.ts'
import type { ProcessState } from '#server/processes/web/process-state.ts'

type ExportKey = 'GET /api/audit/export.csv' | 'GET /api/audit/export.jsonl'

/** What a spreadsheet needs to read UTF-8 as such. */
const byteOrderMark = '\uFEFF'

/** Streams what was found as a file; as fast as it is read, and no longer than it is read. */
export async function answerAuditExport(
  key: ExportKey,
  state: ProcessState,
  raw: RawRequest,
  response: ServerResponse,
): Promise<void> {
  const schemas = { query: auditQuerySchema }
  const { ctx, person, query } = await authenticateAndAuthorize<
    typeof key,
    typeof auditQuerySchema._output,
    undefined
  >(key, state, raw, {}, schemas)
  response.once('close', state.acquireDownload(person.user))
  const pages = exportAudit(ctx, query)
  // Nothing is sent before the first page is there: until then a failure is an ordinary error answer.
  const first = await pages.next()
  const csv = key.endsWith('.csv')
  const day = new Date().toISOString().slice(0, 10)
  response.writeHead(200, {
    'content-type': csv ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="audit-${day}.${csv ? 'csv' : 'jsonl'}"`,
    'cache-control': 'no-store',
  })
  if (csv) response.write(byteOrderMark + csvHeader)
  for (let page = first; !page.done; page = await pages.next()) {
    const lines = page.value.map((record) =>
      csv ? csvLine(record) : `${JSON.stringify(record)}\n`,
    )
    await writePart(response, lines.join(''))
    if (response.destroyed) return
  }
  response.end()
}

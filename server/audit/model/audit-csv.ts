import type { AuditRecord } from './audit-record.ts'

const columns = [
  'seq',
  'recordedAt',
  'at',
  'what',
  'who',
  'kind',
  'namespace',
  'name',
  'uid',
  'bindingNamespace',
  'bindingName',
  'why',
  'digest',
  'requestId',
  'source',
  'details',
  'previous',
  'hash',
] as const

export const csvHeader = `${columns.join(',')}\r\n`

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe, and so stays text. */
export function csvLine({ seq, previous, hash, content }: AuditRecord): string {
  const { recordedAt, at, what, who, on, binding, why, digest, requestId, source } = content
  const values: Record<(typeof columns)[number], string | number | undefined> = {
    seq,
    recordedAt,
    at,
    what,
    who,
    kind: on.kind,
    namespace: on.namespace,
    name: on.name,
    uid: on.uid,
    bindingNamespace: binding?.namespace,
    bindingName: binding?.name,
    why,
    digest,
    requestId,
    source,
    details: content.details && JSON.stringify(content.details),
    previous,
    hash,
  }
  return `${columns.map((name) => cell(values[name])).join(',')}\r\n`
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  const text = String(value)
  const whole = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text
  // Where a list separator is a semicolon or a tab, a cell begins there.
  const safe = whole.replace(/([;\t\r\n|]\s*)(?=[=+\-@＝＋－＠])|^(\s+)(?=[=+\-@＝＋－＠])/g, "$&'")
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

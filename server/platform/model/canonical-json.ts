import { sha256 } from 'js-sha256'
import { isRecord } from './is-record.ts'

/** JSON with sorted keys and no spaces (RFC 8785, for the values that a plan holds); undefined members are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isRecord(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** `sha256:` and 64 hex digits, of the text in UTF-8. */
export function digestOf(text: string): string {
  return `sha256:${sha256(text)}`
}

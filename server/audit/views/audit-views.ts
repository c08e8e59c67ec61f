import type { AuditRecord } from '#server/audit/model/audit-record.ts'
import type { ChainBreak } from '#server/audit/model/verify-chain.ts'

/** A page of the trail, newest first; `next` is what the following page is asked with. */
export type AuditPage = { records: AuditRecord[]; next?: number }

export type AuditState = {
  head: { seq: number; hash: string }
  /** The last verification of the whole chain. */
  verified?: { seq: number; at: string; broken?: ChainBreak }
}

/** A place that is told what happens, and how that goes. */
export type WebhookView = {
  name: string
  pending: number
  sent: number
  /** Given up after too many attempts. */
  dead: number
  lastSentAt?: string
  lastError?: string
  /** Whether who asks may have those tried anew that were given up. */
  mayRetry: boolean
}

/** What the people of a namespace read of their own binding: nothing of requests and their sources. */
export type HistoryEntry = Pick<
  AuditRecord['content'],
  'seq' | 'at' | 'what' | 'who' | 'why' | 'digest' | 'on' | 'details'
>

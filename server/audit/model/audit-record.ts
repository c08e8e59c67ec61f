import { canonicalJson } from '#server/platform/model/canonical-json.ts'

/** Everything that the trail keeps; what each means to a reader stands in the message files under `audit.what`. */
export const auditWhats = [
  'requested',
  'changed',
  'withdrawn',
  'sealed',
  'approved',
  'denied',
  'granted',
  'reduced',
  'terms-offered',
  'ring-move-asked',
  'ring-moved',
  'run-released',
  'run-started',
  'run-succeeded',
  'run-failed',
  'run-cancelled',
  'run-timed-out',
  'retry-asked',
  'run-cancel-asked',
  'run-deleted',
  'usable',
  'revoked',
  'released',
  'expired',
  'service-deleted',
  'delete-asked',
  'ended',
  'deleted',
  'drifted',
  'repaired',
  'signed-in',
  'signed-out',
  'signed-out-everywhere',
  'refused',
] as const

export type AuditWhat = (typeof auditWhats)[number]

/** One thing that happened: never a token, never a prompt. */
export type AuditEvent = {
  /** The same for the same event, whoever notes it and however often: it is kept once. */
  key: string
  /** When it happened, as far as the world says. */
  at: string
  what: AuditWhat
  /** A person's user name, one of our own (`bindery:controller`), or `unknown` where the cluster does not say. */
  who: string
  on: { kind: string; namespace: string; name: string; uid: string }
  /** The binding that it concerns; its namespace's people may read it. */
  binding?: { namespace: string; name: string }
  /** What was said: a justification, a comment, the reason of a failure. */
  why?: string
  /** Of the plan that was sealed, decided on or run. */
  digest?: string
  requestId?: string
  /** Where the request came from, as the nearest proxy saw it. */
  source?: string
  details?: Record<string, string | number | boolean | string[]>
}

export type AuditRecord = {
  /** From 1, without gaps. */
  seq: number
  /** Hash of the record before it; of the first: `genesis`. */
  previous: string
  hash: string
  /** What is hashed. `seq` stands in it too, so that a record cannot change its place. */
  content: AuditEvent & { seq: number; recordedAt: string }
}

export const genesis = '0'.repeat(64)
export const unknownActor = 'unknown'

/** Names what the hash is of, so that a hash of anything else can never pass for one of these. */
const domainTag = 'bindery.dev/audit/v1'

/** What a record's hash is of: SHA-256 over these lines in UTF-8, the last of them canonical JSON (RFC 8785). */
export function hashedText(previous: string, content: AuditRecord['content']): string {
  return `${domainTag}\n${previous}\n${canonicalJson(content)}`
}

const limits = { key: 600, who: 253, why: 2000, short: 300 }

/** As the database can keep it and give it back unchanged: bounded, and of characters that JSON in PostgreSQL knows. */
export function storable(event: AuditEvent): AuditEvent {
  const { on, binding, details } = event
  return {
    ...event,
    key: clean(event.key, limits.key),
    at: instantOf(event.at),
    who: clean(event.who, limits.who) || unknownActor,
    on: {
      kind: clean(on.kind, limits.short),
      namespace: clean(on.namespace, limits.short),
      name: clean(on.name, limits.short),
      uid: clean(on.uid, limits.short),
    },
    binding: binding && {
      namespace: clean(binding.namespace, limits.short),
      name: clean(binding.name, limits.short),
    },
    why: event.why ? clean(event.why, limits.why) : undefined,
    digest: event.digest && clean(event.digest, limits.short),
    source: event.source && clean(event.source, limits.short),
    details: details && Object.fromEntries(Object.entries(details).map(cleanDetail)),
  }
}

/** One spelling, so that the order as text is that of time; empty where it is no instant. */
function instantOf(at: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString()
}

function cleanDetail([name, value]: [string, string | number | boolean | string[]]): [
  string,
  string | number | boolean | string[],
] {
  if (typeof value === 'string') return [name, clean(value, limits.short)]
  if (Array.isArray(value)) return [name, value.slice(0, 50).map((one) => clean(one, limits.short))]
  return [name, value]
}

/** Halves of surrogate pairs and NUL are what jsonb refuses; cutting may make such a half. */
function clean(text: string, max: number): string {
  return text
    .slice(0, max)
    .replaceAll('\0', '\uFFFD')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
}

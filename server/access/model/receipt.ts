import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'

export const accessChecks = [
  'resolves',
  'connects',
  'lists-model',
  'first-token',
  'from-tenant',
  'outsider-refused',
  'nothing-left',
  'refused',
  'tenant-refused',
] as const

const check = z.object({
  check: z.enum(accessChecks),
  /** Milliseconds that it took. */
  ms: z.number().min(0),
  saw: z.string().max(300),
  /** It could not be asked honestly; `saw` says why. */
  skipped: z.boolean().optional(),
})

const signature = z.object({
  /** Which key: the first 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
  key: z.string().max(64),
  /** Ed25519 over the statement, base64url. */
  value: z.string().max(128),
  /** When it was checked against the keys that the cluster publishes; absent where it publishes none. */
  verifiedAt: z.string().max(40).optional(),
})

/** What the last step of the bind run saw when it used the alias itself. */
export const receiptSchema = z.object({
  at: z.iso.datetime(),
  address: z.string().max(500),
  model: z.string().max(200),
  firstTokenMs: z.number().min(0),
  /** Of the plan that was carried out. */
  digest: z.string().max(80).optional(),
  checks: z.array(check).max(10).optional(),
  signature: signature.optional(),
})

/** What the last step of the unbind run saw of the end. */
export const endProofSchema = z.object({
  at: z.iso.datetime(),
  gateway: z.string().max(500).optional(),
  /** What the gateway said. */
  refused: z.string().max(300),
  /** When the end was asked for, and since when the gateway that answered refuses. */
  askedAt: z.iso.datetime().optional(),
  refusedSince: z.iso.datetime().optional(),
  /** Between the two, in milliseconds; at most one second too much, for `askedAt` is cut to whole seconds. */
  cutMs: z.number().min(0).optional(),
  /** Answers that still streamed at that gateway and were cut off. */
  cutAnswers: z.int().min(0).optional(),
  digest: z.string().max(80).optional(),
  checks: z.array(check).max(10).optional(),
  signature: signature.optional(),
})

/** What a pod in the tenant's own namespace says of its try, as its termination message. */
export const tenantSeenSchema = z.object({
  ms: z.number().min(0),
  saw: z.string().max(300),
})

export type TenantSeen = z.infer<typeof tenantSeenSchema>
export type AccessCheck = z.infer<typeof check>
export type Signature = z.infer<typeof signature>
export type Receipt = z.infer<typeof receiptSchema> & { run: string }
export type EndProof = z.infer<typeof endProofSchema> & { run: string }

export type Statement = {
  type: 'access' | 'end'
  binding: { namespace: string; name: string; uid: string }
  seen: Receipt | EndProof
}

const payloadType = 'application/vnd.bindery.statement.v1+json'

/**
 * The bytes that are signed, as text: the pre-authentication encoding of DSSE
 * (github.com/secure-systems-lab/dsse, protocol.md) over canonical JSON, so that a signature is good for nothing else.
 */
export function signedText({ type, binding, seen }: Statement): string {
  const { signature: _signature, ...body } = seen
  const { namespace, name, uid } = binding
  const payload = canonicalJson({ type, binding: { namespace, name, uid }, seen: body })
  const bytes = new TextEncoder().encode(payload).length
  return `DSSEv1 ${payloadType.length} ${payloadType} ${bytes} ${payload}`
}

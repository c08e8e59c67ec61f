import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Receipt, Statement } from '#server/access/model/receipt.ts'
import { signStatement, verifyStatement } from './statement-signature.ts'

function keyPair() {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}
const own = keyPair()
const other = keyPair()

const binding = { namespace: 'research-team-a', name: 'vibethinker', uid: 'uid-1' }
const receipt: Receipt = {
  run: 'bind-abcdefgh-1',
  at: '2026-11-26T10:42:07.123Z',
  address: 'http://vibethinker.research-team-a.svc.cluster.local:8080',
  model: 'm',
  firstTokenMs: 38,
  digest: `sha256:${'a'.repeat(64)}`,
  checks: [{ check: 'resolves', ms: 1.2, saw: '10.0.0.1' }],
}

function signed(): Statement & { seen: Receipt } {
  const statement = { type: 'access' as const, binding, seen: receipt }
  const signature = signStatement(statement, own.privateKey)
  return { ...statement, seen: { ...receipt, signature } }
}

test('a statement holds for its key, also after its members were stored in another order', () => {
  const statement = signed()
  const { checks, ...rest } = statement.seen
  const stored = { ...statement, seen: { checks, ...rest } }
  expect(verifyStatement(stored, [other.publicKey, 'no key', own.publicKey])).toBe('verified')
  expect(verifyStatement(statement, [other.publicKey])).toBe('unknown-key')
  const { signature: _none, ...unsigned } = statement.seen
  expect(verifyStatement({ ...statement, seen: unsigned }, [own.publicKey])).toBe('unsigned')
})

test('whatever of it is changed, it is forged', () => {
  const statement = signed()
  const altered = fc.oneof(
    fc.string().map((run) => ({ seen: { ...statement.seen, run } })),
    fc.double({ min: 0, noNaN: true }).map((firstTokenMs) => ({
      seen: { ...statement.seen, firstTokenMs },
    })),
    fc.string().map((saw) => ({
      seen: { ...statement.seen, checks: [{ check: 'resolves' as const, ms: 1.2, saw }] },
    })),
    fc.string().map((uid) => ({ binding: { ...binding, uid } })),
    fc.constant({ type: 'end' as const }),
  )
  fc.assert(
    fc.property(altered, (change) => {
      const changed: Statement = { ...statement, ...change }
      fc.pre(JSON.stringify(changed) !== JSON.stringify(statement))
      expect(verifyStatement(changed, [own.publicKey])).toBe('forged')
    }),
  )
})

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { type Signature, type Statement, signedText } from '#server/access/model/receipt.ts'
import { AppError } from '#server/platform/model/errors.ts'

export function signStatement(statement: Statement, privateKeyPem: string): Signature {
  const key = privateKeyOf(privateKeyPem)
  const bytes = Buffer.from(signedText(statement), 'utf8')
  return {
    key: keyIdOf(createPublicKey(key)),
    value: sign(null, bytes, key).toString('base64url'),
  }
}

/** `publicKeys`: PEM texts, the present key and those before it. */
export function verifyStatement(
  statement: Statement,
  publicKeys: string[],
): 'verified' | 'unsigned' | 'unknown-key' | 'forged' {
  const { signature } = statement.seen
  if (!signature) return 'unsigned'
  const key = publicKeys.flatMap(readable).find((one) => keyIdOf(one) === signature.key)
  if (!key) return 'unknown-key'
  const bytes = Buffer.from(signedText(statement), 'utf8')
  const good = verify(null, bytes, key, Buffer.from(signature.value, 'base64url'))
  return good ? 'verified' : 'forged'
}

/** The first 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
function keyIdOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new AppError('unprocessable', 'The key for receipts cannot be read.', { cause })
  }
  throw new AppError('unprocessable', 'The key for receipts is no Ed25519 key.')
}

function readable(pem: string): KeyObject[] {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? [key] : []
  } catch {
    return []
  }
}

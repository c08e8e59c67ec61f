import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestOf, type KnownImage, parseImageReference } from './image-table.ts'

/** PEM: PKCS #8 and SubjectPublicKeyInfo, as `cosign generate-key-pair` without a password. */
export type KeyPair = { privateKey: string; publicKey: string }

type Signature = { repository: string; payload: string; signature: string }

/** What a registry would hold beside the images: tags, and signatures by digest. */
type SignatureStore = { tags: Record<string, string>; signatures: Record<string, Signature[]> }

/** Where the store is inside the image. */
const signatures = '/var/lib/cosign/signatures.json'

/** A fresh ECDSA P-256 pair. */
export function createKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** Makes a tag resolvable for `cosign verify`, without signing anything. */
export function tagImage(storeFile: string, reference: string, digest: string) {
  const { repository, tag } = parsed(reference)
  const store = readStore(storeFile)
  store.tags[`${repository}:${tag}`] = digest
  writeStore(storeFile, store)
}

/** Signs the digest in the simple signing format: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
export function signImage(
  storeFile: string,
  reference: string,
  digest: string,
  privateKey: string,
) {
  const { repository } = parsed(reference)
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  )
  const signature = sign('sha256', payload, createPrivateKey(privateKey))
  tagImage(storeFile, reference, digest)
  const store = readStore(storeFile)
  store.signatures[digest] = [
    ...(store.signatures[digest] ?? []),
    { repository, payload: payload.toString('base64'), signature: signature.toString('base64') },
  ]
  writeStore(storeFile, store)
}

/** The image whose `cosign` checks against that store. */
export function cosignImage(storeFile: string): KnownImage {
  return {
    digest: digestOf('cosign stand-in'),
    entrypoint: ['cosign'],
    path: [fileURLToPath(new URL('./cosign', import.meta.url))],
    files: { [signatures]: storeFile },
    env: { COSIGN_SIGNATURES: signatures },
    user: { uid: 65532, gid: 65532 },
  }
}

function parsed(reference: string): { repository: string; tag: string } {
  const found = parseImageReference(reference)
  if (!found) throw new Error(`not an image reference: ${reference}`)
  return { repository: found.repository, tag: found.tag ?? 'latest' }
}

function readStore(storeFile: string): SignatureStore {
  if (!existsSync(storeFile)) return { tags: {}, signatures: {} }
  return JSON.parse(readFileSync(storeFile, 'utf8'))
}

function writeStore(storeFile: string, store: SignatureStore) {
  mkdirSync(dirname(storeFile), { recursive: true })
  writeFileSync(`${storeFile}.next`, JSON.stringify(store))
  renameSync(`${storeFile}.next`, storeFile)
}

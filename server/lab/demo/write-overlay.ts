import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'

const serving = 'model-serving-prod'

/** An overlay over the product's own, with what is made afresh at each start: the database's address, key and digests. */
export function writeOverlay(
  dir: string,
  base: string,
  made: {
    databaseUrl: string
    publicKey: string
    engineDigests: Record<string, string>
    inferenceUrl?: string
    inferenceKey?: string
  },
): void {
  const meta = (name: string, namespace = serving) => ({ name, namespace })
  const objects = [
    ...[serving, 'bindery-system'].map((namespace) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: meta('bindery-database', namespace),
      stringData: { DATABASE_URL: made.databaseUrl },
    })),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('bindery-cosign-key'),
      data: { 'cosign.pub': made.publicKey },
    },
    ...receiptKeys().map((object) => ({ apiVersion: 'v1', ...object })),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('bindery-engine-images'),
      data: made.engineDigests,
    },
    ...(made.inferenceKey
      ? [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: meta('bindery-engine-keys'),
            stringData: { default: made.inferenceKey },
          },
        ]
      : []),
    ...(made.inferenceUrl
      ? [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: meta('bindery-gateway'),
            data: { INFERENCE_URL: made.inferenceUrl },
          },
        ]
      : []),
  ]
  mkdirSync(dir, { recursive: true })
  const secrets = join(dir, 'made-at-start.yaml')
  writeFileSync(secrets, objects.map((object) => stringify(object)).join('---\n'), { mode: 0o600 })
  writeFileSync(
    join(dir, 'kustomization.yaml'),
    stringify({ resources: [relative(dir, base), 'made-at-start.yaml'] }),
  )
}

/** The key that signs receipts, as manifests/README.md lets one make it with openssl. */
function receiptKeys() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return [
    {
      kind: 'Secret',
      metadata: { name: 'bindery-receipt-key', namespace: serving },
      stringData: { 'ed25519.pem': privateKey },
    },
    {
      kind: 'ConfigMap',
      metadata: { name: 'bindery-receipt-keys', namespace: serving },
      data: { 'current.pem': publicKey },
    },
  ]
}

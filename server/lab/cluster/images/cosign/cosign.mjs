// Stands in for `cosign verify --key PATH IMAGE`: really checks an ECDSA P-256 signature over the image's digest, in
// cosign's own payload. There is no registry: COSIGN_SIGNATURES names the file that holds tags and signatures, and no
// transparency log, so --insecure-ignore-tlog has to be given.
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

function fail(message) {
  process.stderr.write(`Error: ${message}\nerror during command execution: ${message}\n`)
  process.exit(1)
}

function readArguments() {
  // `--insecure-ignore-tlog` and `--insecure-ignore-tlog=true` are the same to cosign.
  const args = process.argv
    .slice(2)
    .map((arg) =>
      arg.replace(/^(--insecure-ignore-tlog|--check-claims|--offline)(=true)?$/, '$1=true'),
    )
  const text = { type: 'string' }
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        key: text,
        output: { ...text, short: 'o' },
        'insecure-ignore-tlog': text,
        'check-claims': text,
        offline: text,
        annotations: { ...text, short: 'a', multiple: true },
        timeout: { ...text, short: 't' },
      },
    })
  } catch (error) {
    return fail(error.message)
  }
}

const { values, positionals } = readArguments()
const [command, ...images] = positionals
if (command !== 'verify') fail(`unknown command "${command ?? ''}" for "cosign"`)
if (images.length === 0) fail('requires at least 1 arg(s), only received 0')
if (!values.key) fail('one of: --key, --certificate-identity or --sk must be provided')

function readKey() {
  try {
    const key = createPublicKey(readFileSync(values.key))
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      return key
    return fail('loading public key: unsupported key type: an ECDSA P-256 key is needed')
  } catch (error) {
    return fail(`loading public key: ${error.message}`)
  }
}

function readStore() {
  try {
    return JSON.parse(readFileSync(process.env.COSIGN_SIGNATURES ?? '', 'utf8'))
  } catch {
    return { tags: {}, signatures: {} }
  }
}

const key = readKey()
const store = readStore()

/** `repository` and digest of `repository@sha256:…` or of a tag that the store knows. */
function resolve(image) {
  const [name, digest] = image.split('@')
  const tagged = /:[^/]+$/.test(name) ? name : `${name}:latest`
  const found = digest ?? store.tags[tagged]
  if (!found) fail(`GET https://${image}: MANIFEST_UNKNOWN: manifest unknown`)
  if (!/^sha256:[0-9a-f]{64}$/.test(found))
    fail(`parsing reference: could not parse reference: ${image}`)
  return { repository: name.replace(/:[^/:]+$/, ''), digest: found }
}

function claims(signature, { digest }) {
  const payload = Buffer.from(signature.payload, 'base64')
  const signed = verify('sha256', payload, key, Buffer.from(signature.signature, 'base64'))
  if (!signed) return undefined
  const parsed = JSON.parse(payload.toString('utf8'))
  return parsed.critical?.image?.['docker-manifest-digest'] === digest ? parsed : undefined
}

for (const image of images) {
  const target = resolve(image)
  const signatures = (store.signatures[target.digest] ?? []).filter(
    (one) => one.repository === target.repository,
  )
  if (signatures.length === 0) fail('no signatures found')
  const good = signatures.map((one) => claims(one, target)).filter(Boolean)
  if (good.length === 0)
    fail('no matching signatures: invalid signature when validating ASN.1 encoded signature')
  if (values['insecure-ignore-tlog'] !== 'true')
    fail('no matching signatures: signature not found in transparency log')
  process.stderr.write(
    [
      'WARNING: Skipping tlog verification is an insecure practice that lacks transparency and auditability verification for the signature.',
      '',
      `Verification for ${image} --`,
      'The following checks were performed on each of these signatures:',
      '  - The cosign claims were validated',
      '  - The signatures were verified against the specified public key',
      '',
    ].join('\n'),
  )
  process.stdout.write(`${JSON.stringify(good)}\n`)
}

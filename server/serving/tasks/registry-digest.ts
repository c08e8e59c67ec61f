import { AppError } from '#server/platform/model/errors.ts'

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const answerMs = 20_000

/** What a tag means now, asked of the image's own registry (OCI distribution API); anonymous, as the public pull is. */
export async function registryDigest(
  image: string,
  tag: string,
  signal: AbortSignal,
): Promise<string> {
  const { registry, repository } = splitImage(image)
  const url = `${registry}/v2/${repository}/manifests/${encodeURIComponent(tag)}`
  const first = await ask(url, signal)
  const challenge = first.status === 401 ? first.headers.get('www-authenticate') : null
  const response = challenge ? await ask(url, signal, await tokenFor(challenge, signal)) : first
  const digest = response.headers.get('docker-content-digest') ?? ''
  if (response.ok && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest
  const text =
    response.status === 404
      ? `There is no image ${image}:${tag}.`
      : `The registry of ${image} answered ${response.status}.`
  throw new AppError('bad-gateway', text)
}

/** `ghcr.io/a/b`, `host:5000/b`, or a name of Docker Hub. */
export function splitImage(image: string): { registry: string; repository: string } {
  const [first = '', ...rest] = image.split('/')
  if (rest.length === 0 || !/[.:]|^localhost$/.test(first)) {
    const repository = rest.length === 0 ? `library/${image}` : image
    return { registry: 'https://registry-1.docker.io', repository }
  }
  const local = /^(localhost|127\.0\.0\.1)(:|$)/.test(first)
  return { registry: `${local ? 'http' : 'https'}://${first}`, repository: rest.join('/') }
}

async function ask(url: string, signal: AbortSignal, token?: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'HEAD',
      headers: { accept: manifestTypes, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    })
  } catch (error) {
    const text = `The registry ${new URL(url).host} does not answer.`
    throw new AppError('unavailable', text, { cause: error })
  }
}

async function tokenFor(challenge: string, signal: AbortSignal): Promise<string> {
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const realm = fields.get('realm')
  if (!challenge.startsWith('Bearer ') || !realm?.startsWith('https://')) {
    throw new AppError('unavailable', 'The registry asks for a login, which this step has not.')
  }
  const url = new URL(realm)
  for (const key of ['service', 'scope']) {
    const value = fields.get(key)
    if (value) url.searchParams.set(key, value)
  }
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (typeof body === 'object' && body !== null) {
    if ('token' in body && typeof body.token === 'string') return body.token
    if ('access_token' in body && typeof body.access_token === 'string') return body.access_token
  }
  throw new AppError('unavailable', 'The registry gave no token for this image.')
}

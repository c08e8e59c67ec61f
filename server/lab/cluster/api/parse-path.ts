import { badRequest } from './status.ts'

/** What a path under /api or /apis names. */
export type ApiPath = {
  group: string
  version: string
  namespace?: string
  plural: string
  name?: string
  subresource?: string
  /** With its leading slash, or ''. */
  subpath: string
}

/** Undefined where the path names no resource (discovery, other routes). */
export function parseApiPath(pathname: string): ApiPath | undefined {
  const parts = pathname.split('/').slice(1).map(decode)
  const isCore = parts[0] === 'api'
  if (!isCore && parts[0] !== 'apis') return undefined
  const [group, version, ...rest] = isCore ? ['', ...parts.slice(1)] : parts.slice(1)
  if (!version || group === undefined || rest.length === 0 || rest[0] === '') return undefined
  if (rest.at(-1) === '' && rest.length <= 2) rest.pop()
  const path = { group, version }

  // `/namespaces/x` and its status are the namespace; anything further is inside of it.
  if (
    rest[0] === 'namespaces' &&
    rest.length > 2 &&
    !['status', 'finalize'].includes(rest[2] ?? '')
  ) {
    const [, namespace = '', plural = '', ...inner] = rest
    return { ...path, namespace, plural, ...named(inner) }
  }
  const [plural = '', ...inner] = rest
  return { ...path, plural, ...named(inner) }
}

function named(parts: string[]): Pick<ApiPath, 'name' | 'subresource' | 'subpath'> {
  const [name, subresource, ...more] = parts
  return {
    ...(name ? { name } : {}),
    ...(subresource ? { subresource } : {}),
    subpath: more.length === 0 ? '' : `/${more.join('/')}`,
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest(`the path holds a malformed escape: ${part}`)
  }
}

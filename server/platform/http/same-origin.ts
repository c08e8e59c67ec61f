import { AppError } from '#server/platform/model/errors.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses to change anything for a page of another origin: the session cookie alone does not say who wrote the
 * request. Every browser sends one of the two headers with a request that changes something.
 */
export function refuseForeignOrigin(
  method: string,
  header: (name: string) => string | undefined,
  ownUrl: string | undefined,
): void {
  if (safeMethods.has(method)) return
  const site = header('sec-fetch-site')
  if (site === 'same-origin') return
  const origin = header('origin')
  if (site === undefined && origin !== undefined && isOwn(origin, header('host'), ownUrl)) return
  throw new AppError('forbidden', 'This request did not come from a page of Bindery.', {
    key: 'foreignOrigin',
  })
}

function isOwn(origin: string, host: string | undefined, ownUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { host: asked, origin: exact } = new URL(origin)
  return ownUrl ? exact === new URL(ownUrl).origin : host !== undefined && asked === host
}

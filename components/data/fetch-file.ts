import { AppError } from '#server/platform/model/errors.ts'
import { errorOf } from './request.ts'

export type FetchedFile = { name: string; content: Blob }

/**
 * A file of our own API, whole. What breaks off in the middle is an error that names the request, never half a file:
 * a browser that downloads by itself may keep that as if it were all.
 */
export async function fetchFile(path: string, signal?: AbortSignal): Promise<FetchedFile> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', signal })
  } catch (cause) {
    throw new AppError('unavailable', '', { cause })
  }
  if (!response.ok) {
    throw errorOf(await response.json().catch(() => undefined), response.status)
  }
  try {
    return { name: nameOf(response.headers), content: await response.blob() }
  } catch (cause) {
    const requestId = response.headers.get('x-request-id')
    throw new AppError('unavailable', 'The file broke off.', {
      cause,
      key: 'file.brokeOff',
      values: requestId ? { requestId } : {},
    })
  }
}

function nameOf(headers: Headers): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(headers.get('content-disposition') ?? '')?.[1]
  return encoded ? decodeURIComponent(encoded) : 'download'
}

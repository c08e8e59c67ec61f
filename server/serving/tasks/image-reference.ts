import { AppError } from '#server/platform/model/errors.ts'

const pattern = /^[a-z0-9](?:[a-z0-9._/-]|:(?=\d+\/))*@(?<digest>sha256:[0-9a-f]{64})$/

/**
 * The digest of an image that is named by digest alone, `name@sha256:…`. Steps get the reference as an argument, from
 * the result of the step before them: files of a workspace may be another run's.
 */
export function digestOfReference(reference: string): string {
  const digest = pattern.exec(reference)?.groups?.digest
  if (digest) return digest
  throw new AppError('bad-request', `${reference} does not name an image by its digest.`)
}

import {
  type FoundImage,
  findImage,
  type ImageTable,
  parseImageReference,
} from '#server/lab/cluster/images/image-table.ts'

/** Why a container waits for its image, as reason and message of its waiting state. */
export class PullError extends Error {
  readonly reason: string
  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** The image, or the error of a node that cannot get it: there is no registry behind this kubelet. */
export function pullImage(table: ImageTable, reference: string, policy: string): FoundImage {
  const image = findImage(table, reference)
  if (image) return image
  const parsed = parseImageReference(reference)
  if (!parsed)
    throw new PullError(
      'InvalidImageName',
      `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`,
    )
  if (policy === 'Never')
    throw new PullError(
      'ErrImageNeverPull',
      `Container image "${reference}" is not present with pull policy of Never`,
    )
  throw new PullError(
    'ErrImagePull',
    `failed to pull and unpack image "${fullName(reference)}": failed to resolve reference "${fullName(reference)}": ${fullName(reference)}: not found`,
  )
}

/** What containerd makes of a short name. */
function fullName(reference: string): string {
  const { repository = '', tag, digest } = parseImageReference(reference) ?? {}
  const [first = ''] = repository.split('/')
  const hasHost = first === 'localhost' || /[.:]/.test(first)
  const path = hasHost
    ? repository
    : `docker.io/${repository.includes('/') ? '' : 'library/'}${repository}`
  const suffix = digest ? `${tag ? `:${tag}` : ''}@${digest}` : `:${tag ?? 'latest'}`
  return `${path}${suffix}`
}

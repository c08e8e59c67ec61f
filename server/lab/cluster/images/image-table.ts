import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

/** An image that the embedded kubelet can run: not layers, but what of the host stands in for them. */
export type KnownImage = {
  /** What a registry would answer: `sha256:` and 64 hex digits. */
  digest: string
  entrypoint?: string[]
  cmd?: string[]
  /** Paths in it are the container's: those of `files` and of mounts are translated. */
  env?: Record<string, string>
  workingDir?: string
  /** Directories put before the host's PATH. */
  path?: string[]
  /** Paths inside the image and the host's files behind them, e.g. `/ko-app/entrypoint`. */
  files?: Record<string, string>
  /** Nothing else is in the image: commands that are no key of `files` are not found. */
  scratch?: boolean
  /** Only reported in the pod's status: processes run as the user of the cluster. */
  user?: { uid: number; gid: number }
}

/** Image reference (`localhost/busybox:1`) to image. */
export type ImageTable = Record<string, KnownImage>

export type FoundImage = KnownImage & {
  /** The reference without tag and digest. */
  repository: string
}

/** Finds by tag (`repo:tag`), by digest (`repo@sha256:…`), or both; a missing tag means `latest`. */
export function findImage(table: ImageTable, reference: string): FoundImage | undefined {
  const wanted = parseImageReference(reference)
  if (!wanted) return undefined
  for (const [known, image] of Object.entries(table)) {
    const parsed = parseImageReference(known)
    if (parsed?.repository !== wanted.repository) continue
    const matches = wanted.digest
      ? image.digest === wanted.digest
      : (parsed.tag ?? 'latest') === (wanted.tag ?? 'latest')
    if (matches) return { ...image, repository: wanted.repository }
  }
  return undefined
}

export type ImageReference = { repository: string; tag?: string; digest?: string }

/** Splits `repo[:tag][@sha256:hex]`; undefined where the reference is malformed. */
export function parseImageReference(reference: string): ImageReference | undefined {
  const match =
    /^((?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    )
  if (!match?.[1]) return undefined
  return { repository: match[1], tag: match[2], digest: match[3] }
}

/** A digest for an image that has no registry: stable for the same name and content key. */
export function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** What the recordings' scenarios use: the host's shell, with the few busybox applets that must know the cluster. */
export function busyboxImage(): KnownImage {
  return {
    digest: digestOf('busybox'),
    cmd: ['sh'],
    path: [fileURLToPath(new URL('./applets', import.meta.url))],
    user: { uid: 0, gid: 0 },
  }
}

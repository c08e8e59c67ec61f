import type { Draft } from '#server/lab/cluster/client.ts'

export type ImageChange = { name: string; newName?: string; newTag?: string; digest?: string }

/** Renames the images of containers, wherever a pod template stands in the object, as kustomize does. */
export function setImages(object: Draft, changes: ImageChange[]): void {
  if (changes.length > 0) visit(object, changes)
}

function visit(value: unknown, changes: ImageChange[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, changes)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(inner)) {
      for (const container of inner) {
        if (typeof container?.image === 'string')
          container.image = changed(container.image, changes)
      }
    } else visit(inner, changes)
  }
}

function changed(image: string, changes: ImageChange[]): string {
  const [, name = image, suffix = ''] =
    /^(.*?)((?::[^:/@]+)?(?:@sha256:[0-9a-f]+)?)$/.exec(image) ?? []
  const change = changes.find((one) => one.name === name)
  if (!change) return image
  const tail = change.digest ? `@${change.digest}` : change.newTag ? `:${change.newTag}` : suffix
  return `${change.newName ?? name}${tail}`
}

import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseAllDocuments, parseDocument } from 'yaml'
import type { Draft } from '#server/lab/cluster/client.ts'
import { creationOrder } from './creation-order.ts'
import { applyPatch, type Patch } from './manifest-patch.ts'
import { type Replacement, replaceFields } from './manifest-replacement.ts'
import { type ImageChange, setImages } from './set-images.ts'

type Kustomization = {
  resources: string[]
  components: string[]
  patches: Patch[]
  images: ImageChange[]
  namespace?: string
  labels: { pairs: Record<string, string> }[]
  commonAnnotations?: Record<string, string>
  replacements: Replacement[]
}

const known = new Set([
  'apiVersion',
  'kind',
  'resources',
  'components',
  'patches',
  'images',
  'namespace',
  'labels',
  'commonAnnotations',
  'replacements',
])

/**
 * The objects of a kustomization, as `kubectl kustomize` would print them, in the order in which they can be created.
 * Knows the part of kustomize that plain overlays use; anything else is refused by name.
 * @param path a folder with a kustomization.yaml, or a YAML file
 */
export function loadManifests(path: string): Draft[] {
  return creationOrder(load(resolve(path)))
}

function load(path: string): Draft[] {
  if (!statSync(path, { throwIfNoEntry: false })) throw new Error(`${path} does not exist`)
  return statSync(path).isDirectory() ? loadKustomization(path) : loadFile(path)
}

function loadFile(path: string): Draft[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { merge: true })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error) throw new Error(`${path}: ${error.message}`)
    const object: unknown = document.toJS({ maxAliasCount: 1000 })
    if (object === null || object === undefined) return []
    if (!isDraft(object)) throw new Error(`${path} holds a document that is no Kubernetes object`)
    return [object]
  })
}

function loadKustomization(folder: string): Draft[] {
  const file = join(folder, 'kustomization.yaml')
  const kustomization = parseKustomization(file)
  let objects = kustomization.resources.flatMap((entry) => load(join(folder, entry)))
  for (const component of kustomization.components) {
    const other = join(folder, component)
    objects = transform(parseKustomization(join(other, 'kustomization.yaml')), other, objects)
  }
  return transform(kustomization, folder, objects)
}

function transform(kustomization: Kustomization, folder: string, given: Draft[]): Draft[] {
  let objects = given
  for (const patch of kustomization.patches) {
    const text = patch.path ? readFileSync(join(folder, patch.path), 'utf8') : (patch.patch ?? '')
    objects = applyPatch(objects, { ...patch, patch: text }, join(folder, patch.path ?? ''))
  }
  for (const object of objects) {
    const { metadata } = object
    if (kustomization.namespace && metadata.namespace) metadata.namespace = kustomization.namespace
    for (const { pairs } of kustomization.labels) metadata.labels = { ...metadata.labels, ...pairs }
    if (kustomization.commonAnnotations)
      metadata.annotations = { ...metadata.annotations, ...kustomization.commonAnnotations }
    setImages(object, kustomization.images)
  }
  for (const replacement of kustomization.replacements) replaceFields(objects, replacement, folder)
  return objects
}

function parseKustomization(file: string): Kustomization {
  const document = parseDocument(readFileSync(file, 'utf8'))
  const [error] = document.errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const content = (document.toJS() ?? {}) as Partial<Kustomization> & Record<string, unknown>
  const unknown = Object.keys(content).filter((key) => !known.has(key))
  if (unknown.length > 0) {
    throw new Error(
      `${file} uses ${unknown.join(', ')}, which the embedded cluster's loader does not know: apply ${dirname(file)} with kubectl instead`,
    )
  }
  return {
    resources: content.resources ?? [],
    components: content.components ?? [],
    patches: content.patches ?? [],
    images: content.images ?? [],
    namespace: content.namespace,
    labels: content.labels ?? [],
    commonAnnotations: content.commonAnnotations,
    replacements: content.replacements ?? [],
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const { apiVersion, kind, metadata } = value as Record<string, unknown>
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata === 'object'
}

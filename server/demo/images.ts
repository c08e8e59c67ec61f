import { join } from 'node:path'
import { busyboxImage, digestOf, type ImageTable } from '#server/devcluster/images/image-table.ts'
import {
  cosignImage,
  createKeyPair,
  signImage,
  tagImage,
} from '#server/devcluster/images/sign-image.ts'

const engineRepository = 'localhost/bindery-demo-engine'
const signedTags = ['dev', 'latest', 'next']
/** Shows that the gate closes: start-vibethinker-service refuses this one. */
const unsignedTag = 'unsigned'

export type DemoImages = {
  table: ImageTable
  /** PEM of the key that the cluster pins. */
  publicKey: string
  /** Tag to digest, for the ConfigMap that start-vibethinker-service resolves tags with. */
  engineDigests: Record<string, string>
}

/** The images that the embedded kubelet can run, the engine's signed with a key made for this start. */
export function demoImages(options: { bundleDir: string; signatures: string }): DemoImages {
  const node = process.execPath
  const keys = createKeyPair()
  const table: ImageTable = {
    'localhost/busybox:1': busyboxImage(),
    'localhost/cosign:dev': cosignImage(options.signatures),
    'localhost/bindery:dev': {
      digest: digestOf('bindery'),
      entrypoint: [node, '--enable-source-maps', join(options.bundleDir, 'main.js')],
      user: { uid: 1000, gid: 1000 },
    },
  }
  const engineDigests: Record<string, string> = {}
  for (const tag of [...signedTags, unsignedTag]) {
    const reference = `${engineRepository}:${tag}`
    const digest = digestOf(`demo engine ${tag === 'next' || tag === unsignedTag ? tag : 'dev'}`)
    engineDigests[tag] = digest
    table[reference] = {
      digest,
      entrypoint: [node, join(options.bundleDir, 'demo-engine.js')],
      user: { uid: 1000, gid: 1000 },
    }
    if (tag === unsignedTag) tagImage(options.signatures, reference, digest)
    else signImage(options.signatures, reference, digest, keys.privateKey)
  }
  return { table, publicKey: keys.publicKey, engineDigests }
}

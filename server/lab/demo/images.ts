import { busyboxImage, digestOf, type ImageTable } from '#server/lab/cluster/images/image-table.ts'
import {
  cosignImage,
  createKeyPair,
  signImage,
  tagImage,
} from '#server/lab/cluster/images/sign-image.ts'
import { commandOf, type Layout } from './layout.ts'

const engineRepository = 'localhost/bindery-demo-engine'
/** Shows why a start ends with an answer: this one says that it is healthy, and answers nothing. */
const brokenTag = 'broken'
const signedTags = ['dev', 'latest', 'next', brokenTag]
/** Shows that the gate closes: start-vibethinker-service refuses this one. */
const unsignedTag = 'unsigned'

const brokenEngine = `
const said = JSON.stringify({ error: { message: 'CUDA error: no kernel image is available for execution on the device' } })
require('node:http')
  .createServer((request, response) => response.writeHead(request.url === '/health' ? 200 : 500).end(said))
  .listen(process.env.PORT, process.env.HOST)
process.on('SIGTERM', () => process.exit(0))
`

export type DemoImages = {
  table: ImageTable
  /** PEM of the key that the cluster pins. */
  publicKey: string
  /** Tag to digest, for the ConfigMap that start-vibethinker-service resolves tags with. */
  engineDigests: Record<string, string>
}

/** The images that the embedded kubelet can run, the engine's signed with a key made for this start. */
export function demoImages(
  layout: Pick<Layout, 'root' | 'bundleDir' | 'images' | 'signatures'>,
): DemoImages {
  const { signatures } = layout
  const [own, engine] = [commandOf(layout, 'bindery'), commandOf(layout, 'demo-engine')]
  const keys = createKeyPair()
  const table: ImageTable = {
    'localhost/busybox:1': busyboxImage(),
    'localhost/cosign:dev': cosignImage(signatures),
    'localhost/bindery:dev': {
      digest: digestOf('bindery'),
      entrypoint: [own.node, '--enable-source-maps', ...own.args],
      user: { uid: 1000, gid: 1000 },
    },
  }
  const engineDigests: Record<string, string> = {}
  for (const tag of [...signedTags, unsignedTag]) {
    const reference = `${engineRepository}:${tag}`
    const digest = digestOf(`demo engine ${tag === 'latest' ? 'dev' : tag}`)
    engineDigests[tag] = digest
    table[reference] = {
      digest,
      entrypoint:
        tag === brokenTag ? [engine.node, '-e', brokenEngine] : [engine.node, ...engine.args],
      user: { uid: 1000, gid: 1000 },
    }
    if (tag === unsignedTag) tagImage(signatures, reference, digest)
    else signImage(signatures, reference, digest, keys.privateKey)
  }
  return { table, publicKey: keys.publicKey, engineDigests }
}

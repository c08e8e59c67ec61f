import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { people } from './people.ts'

/** The embedded cluster as a process of its own, with the demo's images and people; ends on SIGTERM, with all its pods. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string', default: '.bindery/cluster' },
    manifests: { type: 'string', default: 'manifests/overlays/embedded' },
    images: { type: 'string', default: '.bindery/images.json' },
    kubeconfig: { type: 'string', default: '.bindery/kubeconfig' },
  },
})

const end = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort())

const images: ImageTable = JSON.parse(readFileSync(values.images, 'utf8'))
const cluster = await startCluster({
  port: Number(values.port),
  stateDir: values.state,
  manifests: values.manifests,
  images,
  // So that kubectl can be tried as each of them: --token=demo-ada.
  tokens: Object.fromEntries(
    people.map(({ id, groups }) => [`demo-${id}`, { username: id, groups: [...groups] }]),
  ),
  warn: (message) => console.error(message),
})
writeFileSync(values.kubeconfig, cluster.kubeconfig, { mode: 0o600 })
console.log(`${cluster.url} is ready`)

if (!end.signal.aborted)
  await new Promise((resolve) => end.signal.addEventListener('abort', resolve, { once: true }))
await cluster.close()
process.exit(0)

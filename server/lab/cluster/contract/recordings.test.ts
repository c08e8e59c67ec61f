import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { differencesOf, recordingShape } from './compare-recordings.ts'

const recorded = resolve('../shared/kube-recordings')
const files = existsSync(recorded)
  ? readdirSync(recorded).filter((name) => name.endsWith('.json'))
  : []

// The real cluster compared with itself differs here too: how far a run came when its time was over is a race, and so
// is in which file a watch ends that outlives its scenario.
const races = new Set(['slow: at the end', 'badimage: at the end', 'badsa: its pod, watched'])

describe.runIf(files.length > 0)('a real cluster was asked the same', () => {
  let cluster: RunningCluster
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'recordings-'))
    cluster = await startCluster()
    // What was recorded had lived for a while, and forgotten its first revisions.
    cluster.compact()
    const ca = join(folder, 'ca.crt')
    writeFileSync(ca, cluster.ca)
    const script = join(recorded, 'record.mjs')
    const child = spawn(process.execPath, [script, cluster.url, cluster.adminToken, folder], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: 'ignore',
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  }, 400_000)
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(files)('%s', (name) => {
    const real = byTitle(join(recorded, name))
    const other = byTitle(join(folder, name))
    const differences = [...real].flatMap(([title, exchange]) => {
      const answer = other.get(title)
      if (!answer) return [`${title} was not asked`]
      return differencesOf(exchange, answer).map((one) => `${title}: ${one}`)
    })
    expect(differences).toEqual([])
  })
})

/** The exchanges by what they are about; the second of the same title has a number. */
function byTitle(path: string) {
  const { exchanges } = recordingShape.parse(JSON.parse(readFileSync(path, 'utf8')))
  const titled = new Map<string, (typeof exchanges)[number]>()
  for (const exchange of exchanges) {
    const title = exchange.note ?? `${exchange.request.method} ${exchange.request.path}`
    const isAgain = titled.has(title)
    if (!races.has(title)) titled.set(isAgain ? `${title} ${titled.size}` : title, exchange)
  }
  return titled
}

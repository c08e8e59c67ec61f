import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '#server/devcluster/start-cluster.ts'
import { differencesOf, recordingShape } from './compare-recordings.ts'

const recorded = resolve('../shared/kube-recordings')
const files = existsSync(recorded)
  ? readdirSync(recorded).filter((name) => name.endsWith('.json'))
  : []

// The real cluster compared with itself differs here too: how far a run came when its time was over is a race.
const races = new Set([
  '13-taskrun-timeout.json slow: at the end',
  '18-taskrun-image-missing.json badimage: at the end',
])

describe.runIf(files.length > 0)('a real cluster was asked the same', () => {
  let cluster: RunningCluster
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'recordings-'))
    cluster = await startCluster()
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
    const real = read(join(recorded, name))
    const other = read(join(folder, name))
    expect(other).toHaveLength(real.length)
    const differences = real.flatMap((exchange, index) => {
      const answer = other[index]
      const title = exchange.note ?? `${exchange.request.method} ${exchange.request.path}`
      if (!answer || races.has(`${name} ${title}`)) return []
      return differencesOf(exchange, answer).map((one) => `#${index} ${title}: ${one}`)
    })
    expect(differences).toEqual([])
  })
})

function read(path: string) {
  return recordingShape.parse(JSON.parse(readFileSync(path, 'utf8'))).exchanges
}

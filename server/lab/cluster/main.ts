import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startCluster } from './start-cluster.ts'

const usage = `tsx server/lab/cluster/main.ts [--port 6443] [--manifests DIR] [--kubeconfig FILE] [--state-dir DIR]

Runs an embedded Kubernetes API with one node until it is interrupted.`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    manifests: { type: 'string' },
    kubeconfig: { type: 'string', default: '.bindery/kubeconfig' },
    'state-dir': { type: 'string', default: '.bindery/cluster' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) console.log(usage)
else await main()

async function main(): Promise<void> {
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    return fail(`--port must be a number from 0 to 65535, not ${values.port}`)
  const end = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())
  try {
    const cluster = await startCluster({
      port,
      stateDir: resolve(values['state-dir']),
      ...(values.manifests ? { manifests: resolve(values.manifests) } : {}),
      warn: (message) => console.error(message),
      ...(process.env.BINDERY_ADMIN_TOKEN ? { adminToken: process.env.BINDERY_ADMIN_TOKEN } : {}),
    })
    const file = resolve(values.kubeconfig)
    mkdirSync(dirname(file), { recursive: true })
    // Anew, so that the mode of an older file does not stay.
    rmSync(file, { force: true })
    writeFileSync(file, cluster.kubeconfig, { mode: 0o600 })
    console.log(`${cluster.url} is ready: export KUBECONFIG=${file}`)
    if (!end.signal.aborted)
      await new Promise((done) => end.signal.addEventListener('abort', done, { once: true }))
    await cluster.close()
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}

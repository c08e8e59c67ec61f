import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { imagesDir } from './address.ts'
import { cluster, stateDir } from './cluster.ts'

export type SecondWeb = {
  url: string
  pid: number
  /** All that it has printed so far. */
  said(): string
  /** Resolves with its exit code. */
  ended: Promise<number | null>
  stop(): Promise<void>
}

/** What our container image holds, laid out as a folder. */
const image = join(imagesDir, 'bindery')

/** Another web beside the demo's, for the same cluster and database, with settings of its own: the same image as the demo's. */
export async function startSecondWeb(
  port: number,
  settings: Record<string, string>,
): Promise<SecondWeb> {
  const service = await cluster('/api/v1/namespaces/model-serving-prod/services/vibethinker-svc')
  const secret = await cluster('/api/v1/namespaces/bindery-system/secrets/bindery-database')
  const { clusterIP } = (service.body as { spec: { clusterIP: string } }).spec
  const { DATABASE_URL } = (secret.body as { data: { DATABASE_URL: string } }).data
  const web = spawn(join(image, 'bin/bindery'), ['web'], {
    cwd: image,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      OPERATIONS_PORT: '0',
      NEXTAUTH_URL: `http://localhost:${port}`,
      NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
      KUBECONFIG: join(stateDir, 'web.kubeconfig'),
      DATABASE_URL: Buffer.from(DATABASE_URL, 'base64').toString(),
      GATEWAY_URL: `http://${clusterIP}:8080`,
      DRAIN_SECONDS: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [web.stdout, web.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk
    })
  }
  const ended = once(web, 'close').then(([code]) => code as number | null)
  const url = `http://localhost:${port}`
  return { url, pid: web.pid ?? 0, said: () => said, ended, stop: () => stop(web, ended) }
}

/** Waits until it answers that the whole story can be told. */
export async function untilHealthy(url: string): Promise<void> {
  const status = async () => (await fetch(`${url}/api/health`).catch(() => undefined))?.status
  await expect.poll(status).toBe(200)
}

async function stop(web: ChildProcess, ended: Promise<unknown>): Promise<void> {
  web.kill('SIGTERM')
  const late = setTimeout(() => web.kill('SIGKILL'), 8000)
  await ended
  clearTimeout(late)
}

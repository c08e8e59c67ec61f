import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from '@playwright/test'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { ownState } from './address.ts'

const root = join(import.meta.dirname, '../..')
/** Where the demo under test keeps its state. */
export const stateDir = resolve(root, ownState)

type Answer = { status: number; body: unknown }

/** The cluster behind the demo, asked as its admin: what the tests look up the state of the world with. */
export async function cluster(
  path: string,
  options: {
    method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
    body?: unknown
    contentType?: string
  } = {},
): Promise<Answer> {
  const config = parse(readFileSync(process.env.KUBECONFIG ?? join(stateDir, 'kubeconfig'), 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const { token } = config.users[0].user
  const dispatcher = new Agent({ connect: { ca: Buffer.from(ca, 'base64').toString() } })
  try {
    const answer = await request(`${server}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': options.contentType ?? 'application/json',
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      dispatcher,
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, body: parseJson(text) }
  } finally {
    await dispatcher.close()
  }
}

export type Listed = { items: { metadata: { name: string; namespace: string } }[] }

export async function list(path: string): Promise<Listed['items']> {
  const { body } = await cluster(path)
  return (body as Listed).items
}

/** Removes every binding and waits until nothing of them is left, so that a test begins with an empty table. */
export async function removeBindings(): Promise<void> {
  const path = '/apis/bindery.dev/v1alpha1/modelbindings'
  for (const { metadata } of await list(path)) {
    await cluster(
      `/apis/bindery.dev/v1alpha1/namespaces/${metadata.namespace}/modelbindings/${metadata.name}`,
      { method: 'DELETE' },
    )
  }
  await expect.poll(() => list(path)).toEqual([])
}

/** The web's process, to be killed. */
export function webPid(): number {
  return Number(readFileSync(join(stateDir, 'web.pid'), 'utf8'))
}

/** Kills every pod of a label at once, as a node that goes away does. */
export async function killPods(namespace: string, labelSelector: string): Promise<string[]> {
  const query = new URLSearchParams({ labelSelector })
  const pods = await list(`/api/v1/namespaces/${namespace}/pods?${query}`)
  for (const { metadata } of pods) {
    await cluster(`/api/v1/namespaces/${namespace}/pods/${metadata.name}?gracePeriodSeconds=0`, {
      method: 'DELETE',
    })
  }
  return pods.map(({ metadata }) => metadata.name)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

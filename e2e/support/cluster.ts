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

type Kubeconfig = {
  'current-context': string
  contexts: { name: string; context: { cluster: string; user: string } }[]
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[]
  users: {
    name: string
    user: {
      token?: string
      'client-certificate-data'?: string
      'client-key-data'?: string
    }
  }[]
}

/** The cluster behind the demo, asked as its admin: what the tests look up the state of the world with. */
export async function cluster(
  path: string,
  options: {
    method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
    body?: unknown
    contentType?: string
  } = {},
): Promise<Answer> {
  const file = process.env.KUBECONFIG ?? join(stateDir, 'kubeconfig')
  const config: Kubeconfig = parse(readFileSync(file, 'utf8'))
  const current = named(config.contexts, config['current-context']).context
  const { server, 'certificate-authority-data': ca } = named(
    config.clusters,
    current.cluster,
  ).cluster
  const { user } = named(config.users, current.user)
  const connect = {
    ca: decoded(ca),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  }
  const dispatcher = new Agent({ connect })
  try {
    const answer = await request(`${server}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        ...(user.token ? { authorization: `Bearer ${user.token}` } : {}),
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

/** Of a kubeconfig, whose other parts the current context names. */
function named<T extends { name: string }>(entries: T[], name: string): T {
  const found = entries.find((one) => one.name === name)
  if (!found) throw new Error(`The kubeconfig has no ${name}.`)
  return found
}

function decoded(base64: string | undefined): string | undefined {
  return base64 && Buffer.from(base64, 'base64').toString()
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

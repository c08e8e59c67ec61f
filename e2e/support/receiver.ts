import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from '@playwright/test'
import { cluster, killPods, list } from './cluster.ts'

export type Receiver = {
  /** From now on it takes what it is told. */
  mend(): void
  /** The types of what it took. */
  taken(): string[]
  close(): Promise<void>
}

/** A place, `e2e`, that the controller tells of denials, and that refuses them for good until it is mended. */
export async function tellDenials(): Promise<Receiver> {
  const taken: string[] = []
  let mended = false
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (mended) taken.push(JSON.parse(text).type)
    response.writeHead(mended ? 200 : 410).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const url = `http://127.0.0.1:${port}`
  const webhooks = [{ name: 'e2e', kind: 'generic', url, secret, notices: ['denied'] }]
  const secrets = '/api/v1/namespaces/bindery-system/secrets'
  const { status } = await cluster(secrets, {
    method: 'POST',
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bindery-webhooks' },
      stringData: { WEBHOOKS: JSON.stringify(webhooks) },
    },
  })
  expect(status).toBe(201)
  // Its environment is what it was started with.
  const leader = await holder()
  await killPods('bindery-system', 'app.kubernetes.io/name=bindery-controller')
  await expect.poll(holder).not.toBe(leader)
  return {
    mend() {
      mended = true
    },
    taken: () => [...taken],
    async close() {
      await cluster(`${secrets}/bindery-webhooks`, { method: 'DELETE' })
      server.close()
      server.closeAllConnections()
    },
  }
}

async function holder(): Promise<string> {
  const leases = await list('/apis/coordination.k8s.io/v1/namespaces/bindery-system/leases')
  const lease = leases.find(({ metadata }) => metadata.name === 'bindery-controller')
  return (lease as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity ?? ''
}

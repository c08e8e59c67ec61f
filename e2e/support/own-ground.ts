import { randomBytes } from 'node:crypto'
import { expect } from '@playwright/test'
import { cluster } from './cluster.ts'

export type Ground = { namespace: string; drop(): Promise<void> }

const api = 'rbac.authorization.k8s.io'

/** A namespace that is made for one test, where this person may ask for access; nothing outside of it is written. */
export async function makeGround(user: string): Promise<Ground> {
  const namespace = `bindery-check-${randomBytes(4).toString('hex')}`
  const path = `/api/v1/namespaces/${namespace}`
  const metadata = { name: namespace, labels: { 'bindery.dev/made-by': 'check' } }
  await make('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
  await make(`/apis/${api}/v1/namespaces/${namespace}/rolebindings`, {
    apiVersion: `${api}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'researcher' },
    roleRef: { apiGroup: api, kind: 'ClusterRole', name: 'bindery-tenant' },
    subjects: [{ apiGroup: api, kind: 'User', name: user }],
  })
  return {
    namespace,
    async drop() {
      await cluster(path, { method: 'DELETE' })
      // What is bound in it is unbound before it goes.
      await expect.poll(async () => (await cluster(path)).status, { timeout: 120_000 }).toBe(404)
    },
  }
}

async function make(path: string, body: object): Promise<void> {
  const answer = await cluster(path, { method: 'POST', body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
}

import { afterEach, expect, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Lease } from '#server/platform/kube/kinds.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { lead } from './leader.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

/** An API server that keeps one Lease, and can let the writes of one holder hang. */
async function scene(first?: Lease) {
  const state = { lease: first, version: 1, hanging: '' }
  const server = await startScripted(async (request, response) => {
    const { lease } = state
    if (request.method === 'GET') {
      const missing = { kind: 'Status', reason: 'NotFound', details: { name: 'l' } }
      return lease ? sendJson(response, 200, lease) : sendJson(response, 404, missing)
    }
    const sent: Lease = JSON.parse(await bodyOf(request))
    if (state.hanging && sent.spec.holderIdentity === state.hanging) return
    const late = lease && sent.metadata.resourceVersion !== lease.metadata.resourceVersion
    if (late) return sendJson(response, 409, { kind: 'Status', reason: 'Conflict' })
    state.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: `${++state.version}` } }
    return sendJson(response, 200, state.lease)
  })
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times: { callMs: 60_000 } })
  const ending = new AbortController()
  const told: string[] = []
  const leading: Promise<void>[] = []
  function candidate(identity: string, signal: AbortSignal = ending.signal) {
    const run = async (term: AbortSignal) => {
      told.push(`${identity} starts`)
      await new Promise((resolve) => term.addEventListener('abort', resolve, { once: true }))
      told.push(`${identity} stops`)
    }
    const where = { namespace: 'n', name: 'l', leaseSeconds: 1 }
    leading.push(lead({ kube, ...where, identity, signal, run }))
  }
  stop = async () => {
    ending.abort()
    await kube.close()
    await server.close()
    await Promise.all(leading)
  }
  return { state, told, candidate }
}

function leaseOf(holderIdentity: string, renewTime: string): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'n', name: 'l', resourceVersion: '1' },
    spec: { holderIdentity, leaseDurationSeconds: 1, renewTime },
  }
}

test('of several one leads; when it ends it gives the lease back and another goes on', async () => {
  const { state, told, candidate } = await scene()
  const first = new AbortController()
  candidate('a', first.signal)
  await expect.poll(() => told).toEqual(['a starts'])
  candidate('b')
  const renewed = state.lease?.spec.renewTime
  await expect.poll(() => state.lease?.spec.renewTime, { timeout: 30_000 }).not.toBe(renewed)
  expect(told).toEqual(['a starts'])
  first.abort()
  await expect.poll(() => told).toEqual(['a starts', 'a stops', 'b starts'])
  expect(state.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
})

test('a leader whose renewals hang has stopped before another starts', async () => {
  const { state, told, candidate } = await scene()
  candidate('a')
  await expect.poll(() => told).toEqual(['a starts'])
  state.hanging = 'a'
  candidate('b')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual(['a starts', 'a stops', 'b starts'])
})

test('times written by another clock are not believed', async () => {
  const { told, candidate, state } = await scene(leaseOf('other', '1999-01-01T00:00:00.000000Z'))
  const startedAt = performance.now()
  candidate('a')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual(['a starts'])
  expect(performance.now() - startedAt).toBeGreaterThan(1_000)
  expect(state.lease?.spec.leaseTransitions).toBe(1)
})

test('a lease that another took meanwhile ends the term at once', async () => {
  const { state, told, candidate } = await scene()
  candidate('a')
  await expect.poll(() => told).toEqual(['a starts'])
  const taken = leaseOf('thief', new Date().toISOString())
  taken.metadata.resourceVersion = `${++state.version}`
  taken.spec.leaseDurationSeconds = 600
  state.lease = taken
  await expect.poll(() => told).toEqual(['a starts', 'a stops'])
  expect(state.lease.spec.holderIdentity).toBe('thief')
})

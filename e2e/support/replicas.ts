import { randomBytes } from 'node:crypto'
import { type BrowserContext, expect } from '@playwright/test'
import { cluster, list } from './cluster.ts'
import { freePort } from './free-port.ts'
import { type Front, openFront } from './front.ts'
import { people } from './people.ts'
import { type SecondWeb, startSecondWeb, untilHealthy } from './second-web.ts'

export type Replicas = {
  front: Front
  web(index: 0 | 1): SecondWeb
  /** Kills one without a word, or lets it come to its end; resolves with its exit code. */
  end(index: 0 | 1, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
  /** What a Deployment does with one that has ended. */
  replace(index: 0 | 1): Promise<void>
  close(): Promise<void>
}

const groups = { ada: 'research-team-a', grace: 'bindery-admins' } as const

/** Two webs of one installation, with one address before them. */
export async function startReplicas(): Promise<Replicas> {
  const ports = [await freePort(), await freePort()] as const
  const front = await openFront([...ports])
  const settings = {
    NEXTAUTH_URL: front.url,
    NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
    DEMO_PEOPLE: JSON.stringify(
      Object.entries(groups).map(([id, group]) => ({
        id,
        name: people[id as keyof typeof groups],
        role: group === 'bindery-admins' ? 'admin' : 'researcher',
        groups: [group],
      })),
    ),
    DRAIN_SECONDS: '60',
  }
  const start = (port: number) => startSecondWeb(port, settings)
  const webs = [await start(ports[0]), await start(ports[1])] as [SecondWeb, SecondWeb]
  await Promise.all(ports.map((port) => untilHealthy(`http://localhost:${port}`)))
  return {
    front,
    web: (index) => webs[index],
    end(index, signal) {
      process.kill(webs[index].pid, signal)
      return webs[index].ended
    },
    async replace(index) {
      webs[index] = await start(ports[index])
      await untilHealthy(webs[index].url)
    },
    async close() {
      await front.close()
      await Promise.all(webs.map((web) => web.stop()))
    },
  }
}

const system = '/apis/apps/v1/namespaces/bindery-system/deployments/bindery-controller'
const gateways = '/apis/apps/v1/namespaces/model-serving-prod/deployments/bindery-gateway'

export async function scaleControllers(replicas: number): Promise<void> {
  await patch(system, { spec: { replicas } })
  await expect
    .poll(async () => (await cluster(system)).body)
    .toMatchObject({ status: { replicas, readyReplicas: replicas } })
}

/** The pod of the controller that leads. */
export async function leader(): Promise<string> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/bindery-system/leases/bindery-controller'
  const { body } = await cluster(path)
  return (body as { spec: { holderIdentity?: string } }).spec.holderIdentity ?? ''
}

export async function killPod(namespace: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`
  expect((await cluster(path, { method: 'DELETE' })).status).toBe(200)
}

export async function gatewayPods(): Promise<string[]> {
  const labelSelector = 'app.kubernetes.io/name=bindery-gateway'
  const query = new URLSearchParams({ labelSelector })
  const pods = await list(`/api/v1/namespaces/model-serving-prod/pods?${query}`)
  return pods.map(({ metadata }) => metadata.name)
}

/** How many requests this pod of the gateway is answering, as it says itself. */
export async function answersOf(pod: string): Promise<number> {
  const path = `/api/v1/namespaces/model-serving-prod/pods/${pod}:8081/proxy/metrics`
  const { body } = await cluster(path)
  return Number(/^bindery_gateway_requests_in_flight (\d+)$/m.exec(String(body))?.[1])
}

/** What `kubectl rollout restart` does: each pod is replaced, and told to come to its end. */
export async function restartGateways(): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await patch(gateways, { spec: { template: { metadata: { annotations } } } })
}

export async function gatewaysReady(): Promise<void> {
  await expect
    .poll(async () => (await cluster(gateways)).body)
    .toMatchObject({ status: { replicas: 2, updatedReplicas: 2, readyReplicas: 2 } })
}

async function patch(path: string, body: object): Promise<void> {
  const contentType = 'application/merge-patch+json'
  expect((await cluster(path, { method: 'PATCH', contentType, body })).status).toBe(200)
}

export async function cookieOf(context: BrowserContext): Promise<string> {
  const { cookies } = await context.storageState()
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

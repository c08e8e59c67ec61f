import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { until } from './until.ts'

const serving = 'model-serving-prod'

type Quota = { requestsPerMinute: number; tokensPerDay: number; concurrency: number }
type Pod = { metadata: { name: string }; status: { podIP: string } }

/** The demo's model service with limits that a measurement does not run into. */
export async function raiseLimits(stateDir: string, maxQuota: Quota): Promise<void> {
  await ask(
    stateDir,
    'PATCH',
    `/apis/bindery.dev/v1alpha1/namespaces/${serving}/modelservices/vibethinker`,
    { spec: { limits: { maxQuota } } },
  )
}

/** One of the gateway's pods, asked without the Service before it: that belongs to the cluster, not to us. */
export async function gatewayPod(stateDir: string): Promise<{ name: string; url: string }> {
  const query = new URLSearchParams({ labelSelector: 'app.kubernetes.io/name=bindery-gateway' })
  const path = `/api/v1/namespaces/${serving}/pods?${query}`
  const [pod] = (await ask<{ items: Pod[] }>(stateDir, 'GET', path)).items
  if (!pod) throw new Error('There is no pod of the gateway.')
  return { name: pod.metadata.name, url: `http://${pod.status.podIP}:8080` }
}

/** The demo's PostgreSQL, as its processes are told of it. */
export async function databaseUrl(stateDir: string): Promise<string> {
  const path = `/api/v1/namespaces/${serving}/secrets/bindery-database`
  const { data } = await ask<{ data: { DATABASE_URL: string } }>(stateDir, 'GET', path)
  return Buffer.from(data.DATABASE_URL, 'base64').toString()
}

/** The gateway's Service, by its number: this process knows no names of the cluster. */
export async function gatewayAddress(stateDir: string): Promise<string> {
  const path = `/api/v1/namespaces/${serving}/services/vibethinker-svc`
  const { spec } = await ask<{ spec: { clusterIP: string } }>(stateDir, 'GET', path)
  return `http://${spec.clusterIP}:8080`
}

/** What a tenant's pod has mounted: a token of its ServiceAccount for the audience `bindery`. */
export async function tenantToken(stateDir: string, namespace: string): Promise<string> {
  const { status } = await ask<{ status: { token: string } }>(
    stateDir,
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['bindery'], expirationSeconds: 3600 },
    },
  )
  return status.token
}

/** How long a run of one step that does nothing takes on this cluster, from its creation to its end. */
export async function emptyRunMs(stateDir: string, name: string): Promise<number> {
  const path = `/apis/tekton.dev/v1/namespaces/${serving}/taskruns`
  const startedMs = performance.now()
  await ask(stateDir, 'POST', path, {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name },
    spec: {
      taskSpec: { steps: [{ name: 'nothing', image: 'localhost/busybox:1', script: 'true' }] },
    },
  })
  await until(
    () => ask<{ status?: { completionTime?: string } }>(stateDir, 'GET', `${path}/${name}`),
    ({ status }) => status?.completionTime !== undefined,
  )
  return performance.now() - startedMs
}

async function ask<T>(
  stateDir: string,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<T> {
  const config = parse(readFileSync(join(stateDir, 'kubeconfig'), 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const dispatcher = new Agent({ connect: { ca: Buffer.from(ca, 'base64').toString() } })
  try {
    const answer = await request(`${server}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${config.users[0].user.token}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      body: body && JSON.stringify(body),
      dispatcher,
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text)
  } finally {
    await dispatcher.close()
  }
}

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import type { Layout } from './layout.ts'
import { people } from './people.ts'

const tokenSeconds = 30 * 24 * 3600

/**
 * What the web would find in its pod: the identity of its own ServiceAccount, and where gateway and database are. It
 * runs on the host, outside of the cluster's names, so it is given the Service's address.
 */
export async function webEnvironment(
  kube: Kube,
  layout: Layout,
  options: { port: number; dev: boolean; databaseUrl: string; env: Record<string, string> },
): Promise<NodeJS.ProcessEnv> {
  const account = { namespace: 'bindery-system', name: 'bindery-web' }
  const { token } = await kube.requestToken(account, {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: tokenSeconds,
  })
  writeFileSync(layout.webKubeconfig, kubeconfigWith(layout.kubeconfig, token), { mode: 0o600 })
  const service = await kube.get(Service, {
    namespace: 'model-serving-prod',
    name: 'vibethinker-svc',
  })
  const oidc = options.env.OIDC_ISSUER !== undefined
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: options.dev ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    NEXTAUTH_URL: `http://localhost:${options.port}`,
    ...options.env,
    HOST: '127.0.0.1',
    PORT: String(options.port),
    OPERATIONS_PORT: '0',
    DEV: String(options.dev),
    // Nobody's long answer is waited for when a demo is stopped.
    DRAIN_SECONDS: '3',
    KUBECONFIG: layout.webKubeconfig,
    DATABASE_URL: options.databaseUrl,
    GATEWAY_URL: `http://${service.spec?.clusterIP}:8080`,
    NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
    ...(oidc ? {} : { DEMO_PEOPLE: JSON.stringify(people) }),
  }
}

function kubeconfigWith(adminKubeconfig: string, token: string): string {
  const config = parse(readFileSync(adminKubeconfig, 'utf8'))
  const name = 'bindery-web'
  return stringify({
    ...config,
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: config.clusters[0].name, user: name } }],
    'current-context': name,
  })
}

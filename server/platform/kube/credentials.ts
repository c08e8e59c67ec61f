import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { z } from 'zod'

/** What opens TLS to the API server and what each request carries. */
export type Credentials = {
  tls: {
    ca?: string | Buffer
    cert?: string | Buffer
    key?: string | Buffer
    servername?: string
    rejectUnauthorized?: boolean
  }
  headers: Record<string, string>
}

export type CredentialSource = {
  server: URL
  proxyUrl?: string
  /** Fresh for every request: tokens rotate, certificates are renewed. */
  read(): Promise<Credentials>
}

type RequestOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0] & Credentials['tls']

const usersWithTokenFile = z.object({
  users: z.array(
    z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }),
  ),
})

const cachedForMs = 5_000

/** From a kubeconfig's path or text, else as kubectl looks for it: KUBECONFIG, ~/.kube/config, the pod's account. */
export function readCredentials(from: { path?: string; text?: string }): CredentialSource {
  const kubeConfig = new KubeConfig()
  const loaded = collectTokenFiles(kubeConfig)
  if (from.text !== undefined) kubeConfig.loadFromString(from.text)
  else if (from.path !== undefined) kubeConfig.loadFromFile(from.path)
  else kubeConfig.loadFromDefault()
  loaded.apply()

  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new Error('The kubeconfig names no current cluster.')
  refuseUnsafe(cluster)

  let cached: { at: number; credentials: Promise<Credentials> } | undefined
  return {
    server: new URL(cluster.server),
    proxyUrl: cluster.proxyUrl,
    read() {
      const now = performance.now()
      if (!cached || now - cached.at > cachedForMs) {
        const credentials = applyTo(kubeConfig)
        cached = { at: now, credentials }
        // A plugin that failed once is asked again by the next request.
        credentials.catch(() => {
          cached = undefined
        })
      }
      return cached.credentials
    },
  }
}

async function applyTo(kubeConfig: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {}
  await kubeConfig.applyToHTTPSOptions(options)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Token files end with a newline, which no header may carry.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim()
  }
  if ('auth' in options && options.auth) {
    headers.authorization = `Basic ${Buffer.from(String(options.auth)).toString('base64')}`
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options
  return { tls: { ca, cert, key, servername, rejectUnauthorized }, headers }
}

/** The library ignores `tokenFile` of a kubeconfig's user; its own file authenticator can read and refresh it. */
function collectTokenFiles(kubeConfig: KubeConfig): { apply(): void } {
  const files = new Map<string, string>()
  const loadFromFile = kubeConfig.loadFromFile.bind(kubeConfig)
  kubeConfig.loadFromFile = (file, options) => {
    loadFromFile(file, options)
    const found = usersWithTokenFile.safeParse(parse(readFileSync(file, 'utf8')))
    for (const { name, user } of found.data?.users ?? []) {
      if (user?.tokenFile) files.set(name, resolve(dirname(file), user.tokenFile))
    }
  }
  return {
    apply() {
      kubeConfig.users = kubeConfig.users.map((user): User => {
        const tokenFile = files.get(user.name)
        if (!tokenFile) return user
        return {
          ...user,
          token: undefined,
          authProvider: { name: 'tokenFile', config: { tokenFile } },
        }
      })
    },
  }
}

function refuseUnsafe(cluster: Cluster): void {
  const url = new URL(cluster.server)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Error(`The kubeconfig's server ${cluster.server} is neither https nor http.`)
  }
}

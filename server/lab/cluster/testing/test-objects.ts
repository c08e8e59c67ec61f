import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { PolicyRule, RoleRef, Subject } from '#server/lab/cluster/access/rbac-objects.ts'
import type { ApiRequest, Handler } from '#server/lab/cluster/api/handler.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { objectsClient } from './objects-client.ts'

const apiGroup = 'rbac.authorization.k8s.io'
export const issuer = 'https://kubernetes.default.svc'

function object(
  kind: string,
  name: string,
  namespace: string | undefined,
  fields: object = {},
): KubeObject {
  const metadata = {
    name,
    uid: `uid-of-${name}`,
    resourceVersion: '1',
    creationTimestamp: '',
    ...(namespace ? { namespace } : {}),
  }
  return { apiVersion: 'v1', kind, metadata, ...fields }
}

export function role(name: string, namespace: string | undefined, rules: PolicyRule[]): KubeObject {
  return object(namespace ? 'Role' : 'ClusterRole', name, namespace, { rules })
}

export function binding(
  name: string,
  namespace: string | undefined,
  roleRef: RoleRef,
  subjects: Subject[],
): KubeObject {
  return object(namespace ? 'RoleBinding' : 'ClusterRoleBinding', name, namespace, {
    roleRef,
    subjects,
  })
}

export const configReader = role('r', 'rec-a', [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
  {
    apiGroups: ['example.dev'],
    resources: ['widgets'],
    verbs: ['approve'],
    resourceNames: ['one'],
  },
])

export const objects: Record<string, KubeObject[]> = {
  serviceaccounts: [object('ServiceAccount', 'reader', 'rec-a')],
  pods: [object('Pod', 'p', 'rec-a', { spec: { serviceAccountName: 'reader', nodeName: 'node' } })],
  nodes: [object('Node', 'node', undefined)],
  [`roles.${apiGroup}`]: [
    configReader,
    role('owner', 'rec-a', [
      { apiGroups: [apiGroup], resources: ['roles', 'rolebindings'], verbs: ['create', 'bind'] },
    ]),
  ],
  [`clusterroles.${apiGroup}`]: [
    role('impersonator', undefined, [
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['ada'] },
    ]),
    role('logs', undefined, [
      { apiGroups: [''], resources: ['pods/log', '*/status'], verbs: ['get'] },
    ]),
    role('paths', undefined, [{ nonResourceURLs: ['/metrics', '/apis/*'], verbs: ['get'] }]),
  ],
  [`rolebindings.${apiGroup}`]: [
    binding('r', 'rec-a', { kind: 'Role', name: 'r', apiGroup }, [
      { kind: 'ServiceAccount', name: 'reader', namespace: 'rec-a' },
      { kind: 'Group', name: 'oidc:lab', apiGroup },
      { kind: 'User', name: 'ada', apiGroup },
    ]),
    binding('owner', 'rec-a', { kind: 'Role', name: 'owner', apiGroup }, [
      { kind: 'User', name: 'ada' },
    ]),
    binding('broken', 'rec-b', { kind: 'Role', name: 'gone', apiGroup }, [
      { kind: 'User', name: 'ada' },
    ]),
  ],
  [`clusterrolebindings.${apiGroup}`]: [
    binding('i', undefined, { kind: 'ClusterRole', name: 'impersonator' }, [
      { kind: 'User', name: 'grace' },
    ]),
    binding('l', undefined, { kind: 'ClusterRole', name: 'logs' }, [
      { kind: 'Group', name: 'viewers' },
    ]),
    binding('p', undefined, { kind: 'ClusterRole', name: 'paths' }, [
      { kind: 'Group', name: 'viewers' },
    ]),
  ],
}
export const client = objectsClient(objects)

export const ada: User = { username: 'ada', groups: ['system:authenticated'] }
export const admin: User = { username: 'root', groups: ['system:masters'] }
export const viewer: User = { username: 'vi', groups: ['viewers'] }

export function asked(
  verb: string,
  resource: string,
  namespace?: string,
  name?: string,
  group = '',
) {
  const [plural = '', subresource] = resource.split('/')
  return {
    verb,
    group,
    version: 'v1',
    resource: plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  }
}

type Answer = {
  spec: object
  status: { token?: string; allowed?: boolean; audiences?: string[]; resourceRules?: object[] }
}

export async function call(
  handler: Handler | undefined,
  body: object,
  over: Partial<ApiRequest> = {},
) {
  const request = await apiRequest(body, over)
  const reply = await handler?.handle(request)
  if (!reply || reply === 'written' || !('body' in reply)) throw new Error('no JSON answer')
  return reply.body as Answer
}

/** A request as the server passes it on, taken from a real one. */
async function apiRequest(body: object, over: Partial<ApiRequest>): Promise<ApiRequest> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const answered = fetch(`http://127.0.0.1:${port}`, { method: 'POST' })
  const [incoming, outgoing] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  outgoing.end()
  await answered
  server.close()
  return {
    verb: 'create',
    method: 'POST',
    group: '',
    version: 'v1',
    resource: '',
    subpath: '',
    query: new URLSearchParams(),
    user: ada,
    dryRun: false,
    body: async () => body,
    signal: new AbortController().signal,
    incoming,
    outgoing,
    ...over,
  }
}

export function named(handlers: Handler[], plural: string): Handler | undefined {
  return handlers.find((one) => one.plural === plural)
}

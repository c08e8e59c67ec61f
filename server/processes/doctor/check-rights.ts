import type { Config } from '#server/platform/config.ts'
import { ServiceAccount } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { type Found, ok, problem } from './finding.ts'

type Right = { verb: string; resource: string; in?: 'serving' | 'own' }

/** Without one of these an account of ours cannot do what it is for; manifests/RIGHTS.md has all of them. */
const needed: Record<string, { in: 'serving' | 'own'; rights: Right[] }> = {
  'bindery-web': {
    in: 'own',
    rights: [
      { verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' },
      { verb: 'watch', resource: 'modelbindings.bindery.dev' },
      { verb: 'create', resource: 'modelbindings.bindery.dev' },
      { verb: 'update', resource: 'modelbindings.bindery.dev/status' },
      { verb: 'create', resource: 'taskruns.tekton.dev', in: 'serving' },
      { verb: 'get', resource: 'pods/log', in: 'serving' },
    ],
  },
  'bindery-controller': {
    in: 'own',
    rights: [
      { verb: 'patch', resource: 'modelbindings.bindery.dev' },
      { verb: 'update', resource: 'modelbindings.bindery.dev/status' },
      { verb: 'create', resource: 'rolebindings.rbac.authorization.k8s.io' },
      { verb: 'create', resource: 'leases.coordination.k8s.io', in: 'own' },
      { verb: 'create', resource: 'taskruns.tekton.dev', in: 'serving' },
      { verb: 'watch', resource: 'networkpolicies.networking.k8s.io', in: 'serving' },
    ],
  },
  'bindery-gateway': {
    in: 'serving',
    rights: [
      { verb: 'create', resource: 'tokenreviews.authentication.k8s.io' },
      { verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' },
      { verb: 'watch', resource: 'modelbindings.bindery.dev' },
    ],
  },
  'bindery-binder': {
    in: 'serving',
    rights: [
      { verb: 'get', resource: 'modelbindings.bindery.dev' },
      { verb: 'create', resource: 'networkpolicies.networking.k8s.io', in: 'serving' },
      { verb: 'delete', resource: 'networkpolicies.networking.k8s.io', in: 'serving' },
    ],
  },
}

/** What none of ours may: where one can, some other role was bound to it or to all accounts. */
const neverGiven: Right[] = [
  { verb: 'list', resource: 'secrets' },
  { verb: 'impersonate', resource: 'users' },
  { verb: 'create', resource: 'clusterrolebindings.rbac.authorization.k8s.io' },
  { verb: 'create', resource: 'pods' },
]

export async function checkRights(kube: Kube, config: Config): Promise<Found[]> {
  const found = await Promise.all(
    Object.entries(needed).map(async ([name, { in: where, rights }]) => {
      const namespace = namespaceOf(config, where)
      if (!(await kube.find(ServiceAccount, { namespace, name }))) {
        const todo = 'kubectl apply --server-side -k your overlay.'
        return [problem(`The account ${namespace}/${name} does not exist.`, todo)]
      }
      const [lacks, exceeds] = await Promise.all([
        among(kube, config, { namespace, name }, rights, false),
        among(kube, config, { namespace, name }, neverGiven, true),
      ])
      return [
        ...lacks.map((right) =>
          problem(
            `${name} may not ${right}.`,
            'Apply the roles of the manifests again: kubectl apply --server-side -k your overlay.',
          ),
        ),
        ...exceeds.map((right) =>
          problem(
            `${name} may ${right}, which the manifests do not give it.`,
            `Find who gave it: kubectl get clusterrolebindings,rolebindings -A -o wide | grep -e ${name} -e system:serviceaccounts -e system:authenticated`,
          ),
        ),
      ]
    }),
  )
  const all = found.flat()
  if (all.length > 0) return all
  return [
    ok(`${Object.keys(needed).join(', ')} may what they need and nothing that they must not.`),
  ]
}

/** Those of the rights whose answer is `expected`, as words. */
async function among(
  kube: Kube,
  config: Config,
  account: { namespace: string; name: string },
  rights: Right[],
  expected: boolean,
): Promise<string[]> {
  const answers = await Promise.all(
    rights.map(async (right) => {
      const [path = '', subresource] = right.resource.split('/')
      const [resource = '', ...group] = path.split('.')
      const may = await kube.mayAccess({
        user: `system:serviceaccount:${account.namespace}:${account.name}`,
        groups: [
          'system:serviceaccounts',
          `system:serviceaccounts:${account.namespace}`,
          'system:authenticated',
        ],
        verb: right.verb,
        group: group.join('.'),
        resource,
        ...(subresource ? { subresource } : {}),
        ...(right.in ? { namespace: namespaceOf(config, right.in) } : {}),
      })
      const where = right.in ? ` in ${namespaceOf(config, right.in)}` : ''
      return may === expected ? [`${right.verb} ${right.resource}${where}`] : []
    }),
  )
  return answers.flat()
}

function namespaceOf(config: Config, where: 'serving' | 'own'): string {
  return where === 'own' ? config.POD_NAMESPACE : config.SERVING_NAMESPACE
}

import { afterAll, beforeAll } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { RoleBinding } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { clientOf, namespace, serving } from './plan-fixture.ts'
import { sampleBinding } from './sample-objects.ts'

type Cluster = {
  kubeconfig: string
  issueToken(at: string, account: string): Promise<string>
  close(): Promise<void>
}

/**
 * A team's namespace with a binding, for all tests of a file, and Mallory in it: she has all that a cluster's owner gives
 * away, `admin` of it beside our own role.
 */
export function sceneOfAttacks(start: (signal: AbortSignal) => Promise<Cluster>) {
  const ending = new AbortController()
  let cluster: Cluster
  let root: Kube
  let mallory: Kube

  beforeAll(async () => {
    cluster = await start(ending.signal)
    root = connectKube({ kubeconfigText: cluster.kubeconfig })
    for (const name of ['admin', 'bindery-tenant']) {
      await give(`mallory-${name}`, name, { namespace, name: 'default' })
    }
    mallory = await as(namespace, 'default')
    await root.create(ModelBinding, {
      ...sampleBinding(),
      metadata: { namespace, name: 'theirs' },
    })
  })

  afterAll(async () => {
    ending.abort()
    await cluster?.close()
  })

  /** A ClusterRole, in the team's namespace. */
  async function give(
    called: string,
    role: string,
    account: { namespace: string; name: string },
  ): Promise<void> {
    await root.create(RoleBinding, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: called },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    })
  }

  function as(at: string, account: string): Promise<Kube> {
    return clientOf(cluster, at, account)
  }

  return {
    get root() {
      return root
    },
    get mallory() {
      return mallory
    },
    give,
    as,

    /** The binder's right in a tenant's namespace, as a binding gives it. */
    async bindersRole(): Promise<void> {
      const name = 'as-a-binding-would'
      if (await root.find(RoleBinding, { namespace, name })) return
      await give(name, 'bindery-tenant-binder', { namespace: serving, name: 'bindery-binder' })
    },
  }
}

/** What the API server said to a request that it must not carry out. */
export async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
  throw new Error('It was let through.')
}

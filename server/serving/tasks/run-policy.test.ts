import { expect, test } from 'vitest'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { RoleBinding } from '#server/platform/kube/kinds.ts'
import { Task, TaskRun, type TaskRunSpec } from '#server/runs/model/task-run.ts'
import { runOfTask } from '#server/runs/verbs/run-of-task.ts'
import { refusal, sceneOfAttacks } from '#server/testing/access/attacks.ts'
import { namespace, serving } from '#server/testing/access/plan-fixture.ts'

// What may run under the accounts of Bindery, tried by a member of staff who may start runs by hand.

const scene = sceneOfAttacks((signal) =>
  startCluster({ port: 0, manifests: 'manifests/overlays/embedded', signal }),
)

test('a run under an account of ours is one of our Tasks, with nothing brought along', async () => {
  const roleRef = {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'Role',
    name: 'bindery-run-admin',
  } as const
  await scene.root.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace: serving, name: 'staff' },
    roleRef,
    subjects: [{ kind: 'ServiceAccount', namespace, name: 'default' }],
  })
  const task = await scene.root.get(Task, { namespace: serving, name: 'start-vibethinker-service' })
  const params = [{ name: 'imageTag', value: 'latest' }]
  const honest = runOfTask(task, { params, startedBy: 'staff', why: 'A test.' })
  const steps = [{ name: 'own', image: 'localhost/busybox:1', script: 'echo mine' }]
  const claim = { persistentVolumeClaim: { claimName: 'everyones' } }
  const binder = { serviceAccountName: 'bindery-binder' }
  const plan = [{ name: 'plan', value: '{}' }]
  const worse: [object, string][] = [
    [{ taskRef: undefined, taskSpec: { steps }, params: [] }, 'no others'],
    [{ taskRef: { name: 'fetch-model-weights' } }, 'no others'],
    [{ taskRef: { resolver: 'git', params: [] } }, 'no others'],
    [{ taskRef: { name: 'bind-namespace' }, params: plan }, 'no others'],
    [{ ...binder, taskRef: { name: 'bind-namespace' }, params: plan }, 'controller alone'],
    [{ ...binder, taskRef: { name: 'unbind-namespace' }, params: plan }, 'controller alone'],
    [{ ...binder }, 'no others'],
    // Tekton's own gate for alpha fields answers first here.
    [{ debug: { breakpoints: { onFailure: 'enabled' } } }, 'debug requires'],
    [{ podTemplate: { env: [{ name: 'NODE_OPTIONS', value: '--import=x' }] } }, 'no variables'],
    [{ podTemplate: { volumes: [{ name: 'v', emptyDir: {} }] } }, 'no variables'],
    [{ podTemplate: { hostNetwork: true } }, 'no variables'],
    ...['configMap', 'secret', 'csi', 'projected'].map((kind): [object, string] => [
      { workspaces: [{ name: 'shared-data', [kind]: sources[kind] }] },
      'an emptyDir',
    ]),
    [{ workspaces: [{ name: 'shared-data', ...claim }] }, 'an emptyDir'],
  ]
  for (const [change, why] of worse) {
    const spec: TaskRunSpec = { ...honest.spec, ...change }
    const said = refusal(scene.mallory.create(TaskRun, { ...honest, spec }))
    expect(await said, JSON.stringify(change)).toContain(why)
  }
  const { metadata } = await scene.mallory.create(TaskRun, {
    ...honest,
    spec: { ...honest.spec, status: 'TaskRunPending' },
  })
  // What was let through cannot be made into something else while it is pending.
  const ref = { namespace: serving, name: metadata.name }
  const changed = { spec: { podTemplate: { env: [{ name: 'A', value: 'b' }] } } }
  await expect(scene.mallory.patch(TaskRun, ref, changed)).rejects.toThrow()
  await scene.mallory.patch(TaskRun, ref, { spec: { status: 'TaskRunCancelled' } })
})

const sources: Record<string, object> = {
  configMap: { name: 'lies' },
  secret: { secretName: 'lies' },
  csi: { driver: 'lies.example' },
  projected: { sources: [{ configMap: { name: 'lies' } }] },
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Namespace, RoleBinding } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const namespace = 'research-team-a'
const serving = 'model-serving-prod'
const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let admin: Kube

beforeAll(async () => {
  const images = { 'localhost/busybox:1': busyboxImage() }
  const manifests = 'manifests/overlays/embedded'
  cluster = await startCluster({ port: 0, manifests, images, signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
})

afterAll(async () => {
  ending.abort()
  await cluster?.close()
})

test('a log that is open ends within seconds of the right to it', async () => {
  const right = { namespace, name: 'eve' }
  await admin.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: right,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bindery-tenant' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
  })
  const sample = sampleBinding({ alias: 'watched' })
  const binding = await admin.create(ModelBinding, {
    ...sample,
    metadata: { namespace, name: 'watched', annotations: sample.metadata.annotations },
  })
  const script = '#!/bin/sh\nwhile true; do echo line; sleep 0.2; done\n'
  await admin.create(TaskRun, {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: serving, name: 'endless', labels: ownLabels(binding) },
    spec: { taskSpec: { steps: [{ name: 'talk', image: 'localhost/busybox:1', script }] } },
  })
  const web = await startWeb({ kubeconfig: cluster.kubeconfig })
  const eve = await web.as('eve')
  const path = `/api/runs/${serving}/endless`
  await expect.poll(async () => (await eve('GET', `${path}/log`)).status).toBe(200)
  const texts = [`${path}/log`, `${path}/log.txt`].map(async (at) => {
    const answer = await eve('GET', at)
    let text = ''
    try {
      for await (const part of answer.body ?? []) {
        text += Buffer.from(part).toString()
        if (text.includes('line')) seen.add(at)
      }
    } catch {
      text += 'cut off'
    }
    return text
  })
  const seen = new Set<string>()
  await expect.poll(() => seen.has(`${path}/log`), { timeout: 30_000 }).toBe(true)

  const startedMs = performance.now()
  await admin.remove(RoleBinding, right)
  const [log = ''] = await Promise.all(texts)
  expect(log).toMatch(/event: failed\ndata: .*"code":"forbidden"/)
  expect(performance.now() - startedMs).toBeLessThan(15_000)
  expect((await eve('GET', `${path}/log`)).status).toBe(404)
})

test('what an earlier namespace of the name left is not its next owner’s to read', async () => {
  const team = 'team-of-two-owners'
  const script = '#!/bin/sh\necho secret\n'
  const run = (name: string) =>
    admin.create(TaskRun, {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: {
        namespace: serving,
        name,
        labels: ownLabels({ metadata: { namespace: team, name: 'theirs', uid: name } }),
      },
      spec: { taskSpec: { steps: [{ name: 'talk', image: 'localhost/busybox:1', script }] } },
    })
  const before = await run('of-the-first')
  // Times of creation are whole seconds.
  const next = Date.parse(before.metadata.creationTimestamp ?? '') + 1000
  await expect.poll(() => admin.now().getTime(), { timeout: 10_000 }).toBeGreaterThan(next)
  await admin.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } })
  await admin.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace: team, name: 'second' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bindery-tenant' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'second' }],
  })
  await run('of-the-second')
  const web = await startWeb({ kubeconfig: cluster.kubeconfig })
  const second = await web.as('second')
  const path = `/api/runs/${serving}`
  await expect.poll(async () => (await second('GET', `${path}/of-the-second`)).status).toBe(200)
  for (const of of ['', '/detail', '/log', '/log.txt', '/log/lines']) {
    expect([of, (await second('GET', `${path}/of-the-first${of}`)).status]).toEqual([of, 404])
  }
  const listed: { name: string }[] = await (await second('GET', '/api/runs')).json()
  expect(listed.map(({ name }) => name)).toEqual(['of-the-second'])
  const stream = await second('GET', '/api/stream?kinds=runs')
  let text = ''
  for await (const part of stream.body ?? []) {
    text += Buffer.from(part).toString()
    if (text.includes('of-the-second')) break
  }
  expect(text).not.toContain('of-the-first')
})

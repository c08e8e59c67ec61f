import { expect, test, vi } from 'vitest'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { ConfigMap, RoleBinding } from '#server/platform/kube/kinds.ts'
import { createLog } from '#server/platform/log.ts'
import { customRule } from '#server/runs/model/redaction-rules.ts'
import { image, namespace, sceneOfRuns, textsOf } from '#server/testing/runs/archive-fixture.ts'
import {
  type Redaction,
  redactionBy,
  redactionConfigMap,
  rulesIn,
  watchRedaction,
} from './redaction.ts'

const scene = sceneOfRuns((signal) =>
  startCluster({
    manifests: 'manifests/overlays/embedded',
    images: { [image]: busyboxImage() },
    signal,
  }),
)
const { lead, asController, startSteps, archived, readAll } = scene

test('secrets reach neither the archive nor a reader', async () => {
  const secret = `ghp_${'a1'.repeat(18)}`
  const run = await startSteps('secretive', [
    `echo "clone with ${secret}"; printf 'DB_PASSWORD='; sleep 0.2; echo correct horse`,
  ])
  const live = await readAll(run)
  await lead()
  expect(textsOf(await archived(run))).toEqual([
    'clone with [redacted:git-token]',
    'DB_PASSWORD=[redacted:variable]',
  ])
  expect(JSON.stringify(live)).not.toMatch(/ghp_|horse/)
  // Nor does the record of the run, which holds its steps.
  const record = await vi.waitFor(async () => {
    const found = await scene.archive.findRun({ namespace, name: 'secretive' })
    expect(found?.state).toBe('succeeded')
    return found
  }, 30_000)
  expect(record?.run.status?.taskSpec?.steps).toHaveLength(1)
  expect(JSON.stringify(record)).not.toContain(secret)
})

test('administrators say in a ConfigMap what else is a secret', async () => {
  const data = { staff: 'EMP-(\\d+)', broken: '(' }
  const metadata = { namespace: 'bindery-system', name: redactionConfigMap }
  await scene.kube.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  const kube = await asController()
  const silent = createLog('test', 'silent')
  const watched = await watchRedaction(kube, 'bindery-system', silent, scene.signal)
  const line = () => watched.redactor().line('EMP-12 PIN=1')
  expect(line()).toBe('EMP-[redacted:staff] PIN=1')
  // Each change is watched; a rule that is broken by an edit stays as it was before.
  await scene.kube.patch(ConfigMap, metadata, { data: { staff: '((', pin: 'PIN=(\\d+)' } })
  await vi.waitFor(() => expect(line()).toBe('EMP-[redacted:staff] PIN=[redacted:pin]'), 10_000)
  await scene.kube.remove(ConfigMap, metadata)
  await vi.waitFor(() => expect(line()).toBe('EMP-12 PIN=1'), 10_000)
  await kube.close()
})

test('rules that cannot be read yet are waited for, and nothing passes before', async () => {
  const data = { staff: 'EMP-(\\d+)' }
  const metadata = { namespace: 'bindery-system', name: redactionConfigMap }
  await scene.kube.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  // An account whose right comes late: the API server answers 403 until then.
  const kube = await scene.as('bindery-system', 'default')
  let known: Redaction | undefined
  const watching = watchRedaction(kube, 'bindery-system', createLog('test', 'silent'), scene.signal)
  void watching.then((redaction) => {
    known = redaction
  })
  await expect(kube.list(ConfigMap, { namespace: 'bindery-system' })).rejects.toThrow('may not')
  expect(known).toBeUndefined()
  const right = { namespace: 'bindery-system', name: 'late' }
  await scene.kube.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: right,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bindery-web' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'bindery-system', name: 'default' }],
  })
  expect((await watching).redactor().line('EMP-12')).toBe('EMP-[redacted:staff]')
  await scene.kube.remove(RoleBinding, right)
  await scene.kube.remove(ConfigMap, metadata)
  await kube.close()
})

test('what is shown of an object is worked out once for as long as the rules are the same', () => {
  let rules = [customRule('staff', 'EMP-(\\d+)')]
  const by = redactionBy(() => rules)
  const spec = { said: 'EMP-12 BAR-12' }
  const object = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'x' }, spec }
  const first = by.object(object)
  expect(first).toMatchObject({ spec: { said: 'EMP-[redacted:staff] BAR-12' } })
  expect(by.object(object)).toBe(first)
  rules = [customRule('bar', 'BAR-(\\d+)')]
  expect(by.object(object)).toMatchObject({ spec: { said: 'EMP-12 BAR-[redacted:bar]' } })
})

test('of the rules in a ConfigMap a hundred are used', () => {
  const data = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`r${at}`, `A${at}`]))
  expect(rulesIn(data, createLog('test', 'silent'))).toHaveLength(100)
})

import { expect, test } from 'vitest'
import type { KubeObject } from '#server/devcluster/client.ts'
import { loadManifests } from '#server/devcluster/manifests/load-manifests.ts'
import { includesPort, reachablePorts } from '#server/devcluster/network/network-policy.ts'

const serving = 'model-serving-prod'
const policies = loadManifests('manifests/base').filter(({ kind }) => kind === 'NetworkPolicy')
const world = {
  policies: policies as KubeObject[],
  namespaceLabels: (name: string) => ({ 'kubernetes.io/metadata.name': name }),
}

function pod(namespace: string, labels: Record<string, string>): KubeObject {
  const metadata = { name: 'x', namespace, labels, uid: '', resourceVersion: '' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, creationTimestamp: '' },
    spec: { containers: [] },
    status: { podIP: '127.64.0.1' },
  }
}

const run = (task: string) => ({ 'tekton.dev/taskRun': 'x', 'tekton.dev/task': task })
const app = (name: string) => ({ 'app.kubernetes.io/name': name })
const engine = { ...app('vibethinker-app'), 'bindery.dev/engine': 'true' }
const pods = {
  gateway: pod(serving, app('bindery-gateway')),
  engine: pod(serving, engine),
  'another engine': pod(serving, { ...engine, ...app('vibethinker-canary') }),
  'a run that starts an engine': pod(serving, run('start-vibethinker-service')),
  'a run that binds': pod(serving, run('bind-namespace')),
  web: pod('bindery-system', app('bindery-web')),
  controller: pod('bindery-system', app('bindery-controller')),
  'a team': pod('research-team-a', app('bindery-gateway')),
  'a team that calls itself a run': pod('research-team-a', run('start-vibethinker-service')),
}
type Name = keyof typeof pods

function reaching(target: Name, port: number): Name[] {
  const names = Object.keys(pods) as Name[]
  return names.filter(
    (from) =>
      from !== target && includesPort(reachablePorts(world, pods[from], pods[target]), port),
  )
}

test('an engine is reached by the gateway and by the run that starts it', () => {
  expect(reaching('engine', 8000)).toEqual(['gateway', 'a run that starts an engine'])
})

test('without a binding the gateway is reached by our own, and by no team', () => {
  expect(reaching('gateway', 8080)).toEqual([
    'a run that starts an engine',
    'a run that binds',
    'web',
  ])
})

test('nothing reaches an operations port, a run, or the controller, but the controller’s own try', () => {
  for (const name of Object.keys(pods) as Name[]) {
    if (name.startsWith('a team')) continue
    expect(reaching(name, 8081)).toEqual(name === 'gateway' ? ['controller'] : [])
  }
  expect(reaching('a run that binds', 8080)).toEqual([])
  expect(reaching('controller', 3000)).toEqual([])
})

test('an engine reaches nothing but the DNS', () => {
  const dns = pod('kube-system', {})
  expect(includesPort(reachablePorts(world, pods.engine, dns), 53)).toBe(true)
  for (const name of ['gateway', 'web', 'another engine', 'a team'] as const) {
    expect(includesPort(reachablePorts(world, pods.engine, pods[name]), 8080)).toBe(false)
  }
})

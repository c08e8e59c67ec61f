import { describe, expect, test } from 'vitest'
import type { Draft, KubeObject } from '#server/lab/cluster/client.ts'
import { loadManifests } from '#server/lab/cluster/manifests/load-manifests.ts'
import {
  includesPort,
  isIsolated,
  reachablePorts,
} from '#server/lab/cluster/network/network-policy.ts'
import { engineDeployment } from '#server/serving/tasks/engine-objects.ts'

const serving = 'model-serving-prod'
const ours = ['bindery-system', serving]
const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

function pod(namespace: string, name: string, labels: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels } } as KubeObject
}

function worldOf(objects: Draft[]) {
  return {
    policies: objects.filter(({ kind }) => kind === 'NetworkPolicy') as KubeObject[],
    namespaceLabels: (name: string) => ({ 'kubernetes.io/metadata.name': name }),
  }
}

/** Every pod template in our two namespaces, and the pods that Tekton and the start run make there. */
function podsOf(objects: Draft[]): KubeObject[] {
  const made = objects
    .filter(
      ({ kind, metadata }) => workloads.includes(kind) && ours.includes(metadata.namespace ?? ''),
    )
    .map(({ metadata, spec }) =>
      pod(metadata.namespace ?? '', String(metadata.name), spec.template.metadata.labels ?? {}),
    )
  const engine = engineDeployment({
    namespace: 'model-serving-prod',
    name: 'vibethinker-app',
    reference: 'vllm@sha256:a',
    command: [],
    gpus: 1,
  })
  const { metadata } = engine.spec.template as { metadata: { labels: Record<string, string> } }
  return [
    ...made,
    pod('model-serving-prod', 'run', { 'tekton.dev/taskRun': 'bind-a', 'tekton.dev/task': 'bind' }),
    pod('model-serving-prod', 'engine', metadata.labels),
  ]
}

const strangers = [
  pod('research-team-a', 'tenant', {}),
  // Labels alone open nothing: they count in the namespace where they are meant.
  pod('research-team-a', 'disguised', { 'app.kubernetes.io/name': 'bindery-gateway' }),
  pod('model-serving-prod', 'unknown', {}),
  pod('bindery-system', 'unknown', {}),
]

const portsTried = [53, 80, 443, 3000, 5432, 6443, 8000, 8080, 8081, 9090, 9100]

describe.each(['base', 'overlays/embedded', 'overlays/production', 'overlays/kind'])(
  '%s',
  (name) => {
    const objects = loadManifests(`manifests/${name}`)
    const world = worldOf(objects)
    const own = podsOf(objects)

    test('nothing gets in or out of any pod of ours but by a rule', () => {
      for (const one of [...own, ...strangers.slice(2)]) {
        for (const direction of ['Ingress', 'Egress'] as const) {
          const told = `${one.metadata.namespace}/${one.metadata.name} ${direction}`
          expect([told, isIsolated(world, direction, one)]).toEqual([told, true])
        }
      }
    })

    test('between pods the ways are these, and no other', () => {
      const ways = new Set<string>()
      const all = [...own, ...strangers]
      for (const source of all) {
        for (const target of own) {
          if (source === target) continue
          const open = reachablePorts(world, source, target)
          for (const port of portsTried.filter((one) => includesPort(open, one))) {
            ways.add(`${kindOf(source)} → ${kindOf(target)}:${port}`)
          }
        }
      }
      const webIsHere = own.some((one) => kindOf(one) === 'web')
      expect([...ways].sort()).toEqual(
        [
          'gateway → engine:8000',
          'run → gateway:8080',
          'controller → gateway:8081',
          ...(webIsHere ? ['web → gateway:8080', 'tenant → web:3000', 'disguised → web:3000'] : []),
        ].sort(),
      )
    })

    test('names and the API server are opened by rules that name their ports', () => {
      for (const namespace of ours) {
        const dns = world.policies.find(
          ({ metadata }) => metadata.namespace === namespace && metadata.name === 'dns',
        )
        expect(dns?.spec.podSelector).toEqual({})
        expect(dns?.spec.egress[0].ports).toEqual([
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ])
        expect(dns?.spec.egress[0].to).toHaveLength(1)
      }
      // A rule without peers leads anywhere: only by these ports, and never in.
      for (const { metadata, spec } of world.policies) {
        for (const { to, ports = [] } of spec.egress ?? []) {
          expect([metadata.name, ports.length > 0]).toEqual([metadata.name, true])
          const leads = ports.map(({ port }: { port: number }) => port)
          if (!to) expect([443, 6443, 5432]).toEqual(expect.arrayContaining(leads))
        }
        for (const { from, ports } of spec.ingress ?? []) {
          if (!from)
            expect([metadata.name, ports]).toEqual(['web', [{ protocol: 'TCP', port: 3000 }]])
        }
      }
    })
  },
)

function kindOf({ metadata }: KubeObject): string {
  if (metadata.name.startsWith('vibethinker')) return 'engine'
  return metadata.name.replace(/^bindery-/, '')
}

const base = worldOf(loadManifests('manifests/base'))
const run = (task: string) => ({ 'tekton.dev/taskRun': 'x', 'tekton.dev/task': task })
const app = (name: string) => ({ 'app.kubernetes.io/name': name })
const engine = { ...app('vibethinker-app'), 'bindery.dev/engine': 'true' }
const pods = {
  gateway: pod(serving, 'x', app('bindery-gateway')),
  engine: pod(serving, 'x', engine),
  'another engine': pod(serving, 'x', { ...engine, ...app('vibethinker-canary') }),
  'a run that starts an engine': pod(serving, 'x', run('start-vibethinker-service')),
  'a run that binds': pod(serving, 'x', run('bind-namespace')),
  web: pod('bindery-system', 'x', app('bindery-web')),
  controller: pod('bindery-system', 'x', app('bindery-controller')),
  'a team': pod('research-team-a', 'x', app('bindery-gateway')),
  'a team that calls itself a run': pod('research-team-a', 'x', run('start-vibethinker-service')),
}
type Name = keyof typeof pods

function reaching(target: Name, port: number): Name[] {
  const names = Object.keys(pods) as Name[]
  return names.filter(
    (from) => from !== target && includesPort(reachablePorts(base, pods[from], pods[target]), port),
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
  const dns = pod('kube-system', 'x', {})
  expect(includesPort(reachablePorts(base, pods.engine, dns), 53)).toBe(true)
  for (const name of ['gateway', 'web', 'another engine', 'a team'] as const) {
    expect(includesPort(reachablePorts(base, pods.engine, pods[name]), 8080)).toBe(false)
  }
})

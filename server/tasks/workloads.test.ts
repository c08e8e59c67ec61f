import { describe, expect, test } from 'vitest'
import type { Draft } from '#server/devcluster/client.ts'
import { loadManifests } from '#server/devcluster/manifests/load-manifests.ts'
import { mergeStepTemplate } from '#server/devcluster/tekton/step-template.ts'
import { restrictedProblems } from '#server/devcluster/workloads/pod-security.ts'
import { engineDeployment } from './engine-objects.ts'
import { probePodOf } from './probe-pod.ts'

type Container = { env: { name: string; value: string }[] }

const overlays = ['base', 'overlays/embedded', 'overlays/kind', 'overlays/production']

const engineOf = (gpus: number) =>
  engineDeployment({
    namespace: 'model-serving-prod',
    name: 'vibethinker-app',
    reference: 'x@sha256:0',
    command: [],
    gpus,
    modelCache: 'weights',
  })

/** Every pod that stands in a manifest, that a Task makes, or that a run starts. */
function podsOf(overlay: string): [name: string | undefined, spec: Draft['spec']][] {
  return loadManifests(`manifests/${overlay}`).flatMap(
    (object): [string | undefined, Draft['spec']][] => {
      const { kind, metadata, spec } = object
      if (kind === 'Deployment' || kind === 'StatefulSet')
        return [[metadata.name, spec.template.spec]]
      if (kind !== 'Task') return []
      // With its flag set-security-context Tekton sees to its own containers.
      const containers = mergeStepTemplate(spec.stepTemplate, spec.steps)
      return [[metadata.name, { containers, volumes: spec.volumes }]]
    },
  )
}

describe.each(overlays)('%s', (overlay) => {
  test('every pod passes Pod Security “restricted”', () => {
    const pods = podsOf(overlay)
    expect(pods.length).toBeGreaterThan(6)
    for (const [name, spec] of pods) expect(restrictedProblems(spec), name).toEqual([])
  })
})

test('an engine passes it too, with a card and without', () => {
  for (const gpus of [0, 1]) {
    const { spec } = JSON.parse(JSON.stringify(engineOf(gpus)))
    expect(restrictedProblems(spec.template.spec)).toEqual([])
  }
})

test('so does the pod that tries the access in a team’s namespace, which may enforce it', () => {
  const binding = { namespace: 'research-team-a', name: 'x', uid: 'u' }
  const asked = { expect: 'access', address: 'http://x:8080', model: 'm' } as const
  const { spec } = JSON.parse(JSON.stringify(probePodOf({ binding } as never, 'bindery', asked)))
  expect(restrictedProblems(spec)).toEqual([])
})

test('what is not restricted is named', () => {
  const [, spec] = podsOf('base').find(([name]) => name === 'bindery-web') ?? []
  const worse = structuredClone(spec)
  worse.hostNetwork = true
  worse.volumes.push({ name: 'host', hostPath: { path: '/' } })
  delete worse.securityContext.seccompProfile
  const [web] = worse.containers
  web.securityContext = {
    ...web.securityContext,
    capabilities: { add: ['NET_ADMIN'] },
    runAsUser: 0,
  }
  web.ports[0].hostPort = 80
  expect(restrictedProblems(worse)).toEqual([
    'hostNetwork is shared with the node',
    'volume host is of a kind that is not allowed: hostPath',
    'web: hostPort 80',
    'web: capabilities do not drop ALL',
    'web: adds the capability NET_ADMIN',
    'web: runs as root',
    'web: has no seccomp profile',
  ])
})

describe('two of everything', () => {
  const objects = loadManifests('manifests/base')
  const deployments = objects.filter(({ kind }) => kind === 'Deployment')
  const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
  const environment = ({ env }: Container) =>
    new Map(env.map(({ name, value }): [string, string] => [name, value]))

  test.each(deployments.map((one) => [one.metadata.name as string, one] as const))(
    '%s',
    (name, { spec, metadata }) => {
      const { template, selector } = spec
      const [container] = template.spec.containers
      expect(spec.replicas).toBe(2)
      expect(template.spec.topologySpreadConstraints).toMatchObject([
        { topologyKey: 'kubernetes.io/hostname', labelSelector: selector },
      ])
      const budget = budgets.find(
        (one) =>
          one.metadata.namespace === metadata.namespace &&
          JSON.stringify(one.spec.selector) === JSON.stringify(selector),
      )
      // One may go at a time: a node can be drained, and one is always left.
      expect([budget?.spec.minAvailable, budget?.spec.maxUnavailable]).toContain(1)
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        expect(container[probe].httpGet.port, `${name} ${probe}`).toBe('operations')
      }
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      })
      const drain = Number(environment(container).get('DRAIN_SECONDS') ?? 0)
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain + 10)
    },
  )

  test('whoever writes an answer has the time for the longest one', () => {
    for (const name of ['bindery-web', 'bindery-gateway']) {
      const { spec } = deployments.find((one) => one.metadata.name === name) ?? { spec: {} }
      const drain = environment(spec.template.spec.containers[0]).get('DRAIN_SECONDS')
      expect(Number(drain), name).toBeGreaterThanOrEqual(900)
    }
  })

  test('a card is given to one engine at a time, which has the time to load and to come to its end', () => {
    const { spec } = JSON.parse(JSON.stringify(engineOf(1)))
    const [engine] = spec.template.spec.containers
    expect(spec.strategy).toEqual({ type: 'Recreate' })
    expect(engine.startupProbe.periodSeconds * engine.startupProbe.failureThreshold).toBe(900)
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(900)
    expect(engine.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String), 'nvidia.com/gpu': '1' },
    })
  })
})

import { describe, expect, test } from 'vitest'
import { probePodOf } from '#server/access/tasks/probe-pod.ts'
import type { Draft } from '#server/lab/cluster/client.ts'
import { loadManifests } from '#server/lab/cluster/manifests/load-manifests.ts'
import { mergeStepTemplate } from '#server/lab/cluster/tekton/pod/step-template.ts'
import { restrictedProblems } from '#server/lab/cluster/workloads/pods/pod-security.ts'
import { engineDeployment } from './engine-objects.ts'

type Container = { env: { name: string; value: string }[] }

const overlays = ['base', 'overlays/embedded', 'overlays/kind', 'overlays/production']

const engineOf = (gpus: number, modelCache = 'weights') =>
  engineDeployment({
    namespace: 'model-serving-prod',
    name: 'vibethinker-app',
    reference: 'x@sha256:0',
    command: [],
    gpus,
    modelCache,
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

  test('every container says what it needs, and how much memory it may take', () => {
    for (const [name, { containers }] of podsOf(overlay)) {
      for (const { resources, computeResources, ...container } of containers) {
        const { requests = {}, limits = {} } = resources ?? computeResources ?? {}
        const told = `${name} ${container.name}`
        expect([told, Object.keys(requests)]).toEqual([told, ['cpu', 'memory']])
        expect([told, Object.keys(limits)]).toEqual([told, ['memory']])
      }
    }
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

test.each(overlays)('in %s nobody gets a token or the addresses of Services unasked', (overlay) => {
  const made = loadManifests(`manifests/${overlay}`)
  const accounts = made.filter(({ kind }) => kind === 'ServiceAccount')
  for (const { kind, metadata, spec } of made) {
    if (kind !== 'Deployment' && kind !== 'StatefulSet') continue
    const pod = spec.template.spec
    expect([metadata.name, pod.enableServiceLinks]).toEqual([metadata.name, false])
    const named = accounts.some((one) => one.metadata.name === pod.serviceAccountName)
    const hasToken = pod.automountServiceAccountToken !== false
    // Those that ask the API server do so under a name of their own.
    if (hasToken) expect([metadata.name, named]).toEqual([metadata.name, true])
    expect([metadata.name, hasToken]).toEqual([
      metadata.name,
      /^bindery-(web|controller|gateway)$/.test(metadata.name ?? ''),
    ])
  }
})

describe('vLLM as it is started in production', () => {
  const made = loadManifests('manifests/overlays/production')
  const named = (kind: string, name: string) => {
    const found = made.find((one) => one.kind === kind && one.metadata.name === name)
    if (!found) throw new Error(`There is no ${kind} ${name}.`)
    return found
  }
  const { metadata, spec } = named('Task', 'start-vibethinker-service')
  const defaultOf = (name: string) =>
    spec.params.find((one: { name: string }) => one.name === name).default
  const command: string[] = defaultOf('command')
  const flag = (name: string) =>
    command.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)
  const engine = JSON.parse(
    JSON.stringify(engineOf(Number(defaultOf('gpus')), defaultOf('modelCache'))),
  ).spec.template.spec

  test('serves what the ModelService says, by its name, at its port, within its limits', () => {
    const service = named('ModelService', 'vibethinker').spec
    expect(flag('served-model-name')).toBe(service.model)
    expect(flag('port')).toBe(String(service.engines.stable.port))
    expect(flag('max-model-len')).toBe(String(service.limits.contextTokens))
    expect(flag('max-num-seqs')).toBe(String(service.limits.capacity.concurrency))
    expect(defaultOf('serviceName')).toBe(service.engines.stable.service)
  })

  test('reads its weights where the Task puts them, and asks no hub', () => {
    const claim = named('PersistentVolumeClaim', defaultOf('modelCache'))
    expect(engine.volumes).toContainEqual({
      name: 'models',
      persistentVolumeClaim: { claimName: claim.metadata.name },
    })
    const fetch = named('Task', 'fetch-model-weights').spec
    const directory = fetch.params.find((one: { name: string }) => one.name === 'directory').default
    expect(command).toContain(`/models/${directory}`)
    expect(engine.containers[0].volumeMounts).toContainEqual({
      name: 'models',
      mountPath: '/models',
    })
    expect(engine.containers[0].env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' })
  })

  test('runs as a number that no file of its image knows, so it is told a name and a home', () => {
    const told = new Map(
      engine.containers[0].env.map(({ name, value }: { name: string; value: string }) => [
        name,
        value,
      ]),
    )
    expect(engine.securityContext.runAsUser).toBeGreaterThan(0)
    expect(told.get('USER')).toMatch(/^[a-z]+$/)
    expect(engine.volumes).toContainEqual({ name: 'tmp', emptyDir: {} })
    expect(told.get('HOME')).toBe('/tmp')
  })

  test('lets the longest answer finish, and its successor is waited for as long', () => {
    const answerSeconds = Number(flag('shutdown-timeout'))
    expect(answerSeconds).toBeGreaterThanOrEqual(900)
    const grace = engine.terminationGracePeriodSeconds
    expect(grace).toBeGreaterThan(answerSeconds + 10)
    const { periodSeconds, failureThreshold } = engine.containers[0].startupProbe
    const wait = spec.steps.find(({ name }: { name: string }) => name === 'wait-for-service')
    const waits = Number(wait.args.at(-1).replace('--timeout-seconds=', ''))
    expect(waits).toBeGreaterThanOrEqual(grace + periodSeconds * failureThreshold)
    expect(minutes(wait.timeout) * 60).toBeGreaterThan(waits)
    const whole = metadata.annotations?.['bindery.dev/timeout'] ?? ''
    const steps: number[] = spec.steps.map(({ timeout }: { timeout: string }) => minutes(timeout))
    expect(minutes(whole)).toBeGreaterThanOrEqual(steps.reduce((sum, one) => sum + one, 0))
  })
})

/** `30m` or `120s`. */
function minutes(duration: string): number {
  return Number.parseInt(duration, 10) / (duration.endsWith('s') ? 60 : 1)
}

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
      // Pods that never become ready would hold a node for ever.
      expect(budget?.spec.unhealthyPodEvictionPolicy).toBe('AlwaysAllow')
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

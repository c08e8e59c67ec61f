import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { busybox, startTestNode, type TestNode } from '#server/lab/cluster/testing/test-node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startTestNode({}, { crashBackoffMs: 100, teardownMs: 300 })
})
afterAll(() => node.close())

const container = (script: string, more = {}) => ({
  name: 'one',
  image: busybox,
  command: ['sh', '-c', script],
  ...more,
})
const once = (script: string, more = {}) => ({
  restartPolicy: 'Never',
  containers: [container(script, more)],
})
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 10 })
const status = (name: string) => node.find('team-a', name)?.status
const phase = (name: string, wanted: string) =>
  eventually(() => expect(status(name)?.phase).toBe(wanted))
const first = (name: string) => status(name)?.containerStatuses?.[0]

test('a pod that succeeds: running until the sandbox is gone, then final', async () => {
  node.pod(
    'team-a',
    'ok',
    once('echo out; echo err >&2; printf end; echo told > /dev/termination-log'),
  )
  await eventually(() => expect(first('ok')?.state.terminated).toBeDefined())
  expect(status('ok')).toMatchObject({ phase: 'Running', podIP: /^127\./ })
  expect(first('ok').state.terminated).toMatchObject({
    exitCode: 0,
    reason: 'Completed',
    message: 'told\n',
  })
  expect(await node.log('team-a', 'ok')).toBe('out\nerr\nend')
  await phase('ok', 'Succeeded')
  const conditions = status('ok').conditions.map(
    (one: { type: string; status: string; reason?: string }) => [one.type, one.status, one.reason],
  )
  expect(conditions).toEqual([
    ['PodReadyToStartContainers', 'False', undefined],
    ['Initialized', 'True', 'PodCompleted'],
    ['Ready', 'False', 'PodCompleted'],
    ['ContainersReady', 'False', 'PodCompleted'],
    ['PodScheduled', 'True', undefined],
  ])
})

test('init containers run in order; one that fails ends a pod that does not restart', async () => {
  const volumes = [{ name: 'shared', emptyDir: {} }]
  const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
  const init = (name: string, script: string) => ({ ...container(script, { volumeMounts }), name })
  node.pod('team-a', 'init', {
    ...once('cat /shared/list; pwd; ls /shared', { volumeMounts, workingDir: '/shared' }),
    volumes,
    initContainers: [init('a', 'echo a > /shared/list'), init('b', 'echo b >> /shared/list')],
  })
  await phase('init', 'Succeeded')
  expect(await node.log('team-a', 'init', 'container=one')).toBe('a\nb\n/shared\nlist\n')

  node.pod('team-a', 'broken', {
    ...once('true'),
    initContainers: [{ ...container('exit 4'), name: 'a' }],
  })
  await phase('broken', 'Failed')
  expect(first('broken').state.waiting.reason).toBe('PodInitializing')
})

test('a sidecar serves until the work is done', async () => {
  const sidecar = {
    ...container('trap "echo bye; exit 0" TERM; while :; do sleep 0.05; done'),
    name: 'side',
    restartPolicy: 'Always',
  }
  node.pod('team-a', 'with-sidecar', { ...once('echo worked'), initContainers: [sidecar] })
  await phase('with-sidecar', 'Succeeded')
  expect(await node.log('team-a', 'with-sidecar', 'container=side')).toBe('bye\n')
})

test('a crashing container is restarted, with growing waits and its last log at hand', async () => {
  node.pod('team-a', 'crash', { containers: [container('echo run; exit 7')] })
  await eventually(() => expect(first('crash')?.restartCount).toBeGreaterThan(1))
  expect(first('crash').lastState.terminated.exitCode).toBe(7)
  await eventually(() => expect(first('crash').state.waiting?.reason).toBe('CrashLoopBackOff'))
  expect(await node.log('team-a', 'crash')).toBe('run\n')
  expect(await node.log('team-a', 'crash', 'previous=true')).toBe('run\n')
  node.client.remove('pods', 'team-a', 'crash')
  await eventually(() => expect(node.find('team-a', 'crash')).toBeUndefined())
})

test('a deleted pod gets its grace, and is gone when its processes are', async () => {
  node.pod('team-a', 'graceful', {
    containers: [container('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done')],
  })
  await eventually(() => expect(first('graceful')?.ready).toBe(true))
  await eventually(async () => expect(await node.log('team-a', 'graceful')).toBe('up\n'))
  const followed = node.log('team-a', 'graceful', 'follow=true')
  node.client.remove('pods', 'team-a', 'graceful')
  expect(await followed).toBe('up\nbye\n')
  await eventually(() => expect(node.find('team-a', 'graceful')).toBeUndefined())
})

test('what ignores its signal is killed when its grace is over', async () => {
  node.pod('team-a', 'stubborn', {
    terminationGracePeriodSeconds: 1,
    containers: [container('trap "" TERM; echo up; while :; do sleep 0.05; done')],
  })
  await eventually(async () => expect(await node.log('team-a', 'stubborn')).toBe('up\n'))
  node.client.remove('pods', 'team-a', 'stubborn')
  await eventually(() => expect(node.find('team-a', 'stubborn')).toBeUndefined())
})

test('images that cannot be had are waited for, each in its words', async () => {
  node.pod('team-a', 'never', {
    containers: [{ name: 'one', image: 'localhost/missing:1', imagePullPolicy: 'Never' }],
  })
  node.pod('team-a', 'pull', { containers: [{ name: 'one', image: 'missing' }] })
  node.pod('team-a', 'no-command', once('', { command: ['no-such-command'] }))
  await eventually(() => expect(first('never')?.state.waiting?.reason).toBe('ErrImageNeverPull'))
  expect(await node.log('team-a', 'never')).toBe(
    'container "one" in pod "never" is waiting to start: ErrImageNeverPull',
  )
  await eventually(() => expect(first('pull')?.state.waiting?.reason).toBe('ImagePullBackOff'))
  expect(await node.log('team-a', 'pull')).toBe(
    'container "one" in pod "pull" is waiting to start: trying and failing to pull image',
  )
  await phase('no-command', 'Failed')
  expect(first('no-command').state.terminated).toMatchObject({
    exitCode: 128,
    reason: 'StartError',
  })
})

test('environment and files come from ConfigMaps, Secrets, the pod and its account', async () => {
  node.client.create('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'team-a' },
    data: { key: Buffer.from('hidden').toString('base64') },
  })
  node.pod('team-a', 'env', {
    ...once(
      'echo $A $B $C $D; cat /etc/map/k; cat /var/run/secrets/kubernetes.io/serviceaccount/token',
      {
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } },
          { name: 'C', value: '$(A)-$$(A)-$(NONE)' },
          { name: 'D', value: '/etc/map' },
        ],
        volumeMounts: [{ name: 'map', mountPath: '/etc/map' }],
      },
    ),
    volumes: [{ name: 'map', configMap: { name: 'm' } }],
  })
  await eventually(() =>
    expect(node.client.list('events').map((one) => one.message)).toContain(
      'MountVolume.SetUp failed for volume "map" : configmap "m" not found',
    ),
  )
  node.client.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', namespace: 'team-a' },
    data: { k: 'from the map\n' },
  })
  await phase('env', 'Succeeded')
  expect(await node.log('team-a', 'env')).toBe(
    'env hidden env-$(A)-$(NONE) /etc/map\nfrom the map\ntoken of env',
  )
})

test('a downward API file follows the pod', async () => {
  node.pod('team-a', 'downward', {
    ...once('until grep -q go /info/ready; do sleep 0.02; done; cat /info/ready', {
      volumeMounts: [{ name: 'info', mountPath: '/info' }],
    }),
    volumes: [
      {
        name: 'info',
        downwardAPI: {
          items: [{ path: 'ready', fieldRef: { fieldPath: "metadata.annotations['ready']" } }],
        },
      },
    ],
  })
  await eventually(() => expect(first('downward')?.ready).toBe(true))
  node.client.patch('pods', 'team-a', 'downward', { metadata: { annotations: { ready: 'go' } } })
  await phase('downward', 'Succeeded')
  expect(await node.log('team-a', 'downward')).toBe('go')
})

test('a script in a volume runs with the paths of its container', async () => {
  const volumeMounts = [{ name: 'work', mountPath: '/work' }]
  node.pod('team-a', 'script', {
    ...once('', { command: ['/work/run.sh'], volumeMounts }),
    volumes: [{ name: 'work', emptyDir: {} }],
    initContainers: [
      {
        ...container(
          "printf '#!/bin/sh\\necho data > /work/out\\necho $0; cat /work/out\\n' > /work/run.sh; chmod +x /work/run.sh",
          { volumeMounts },
        ),
        name: 'place',
      },
    ],
  })
  await phase('script', 'Succeeded')
  expect(await node.log('team-a', 'script', 'container=one')).toBe('/work/run.sh\ndata\n')
})

test('probes: not ready before the first success, restarted when not alive', async () => {
  const probe = {
    exec: { command: ['sh', '-c', 'test -e /flag/ok'] },
    periodSeconds: 1,
    failureThreshold: 1,
  }
  const volumeMounts = [{ name: 'flag', mountPath: '/flag' }]
  node.pod('team-a', 'probed', {
    volumes: [{ name: 'flag', emptyDir: {} }],
    terminationGracePeriodSeconds: 1,
    containers: [
      container('touch /flag/ok; sleep 1; rm /flag/ok; sleep 60', {
        volumeMounts,
        readinessProbe: probe,
        livenessProbe: { ...probe, initialDelaySeconds: 1 },
      }),
    ],
  })
  await eventually(() => expect(first('probed')?.ready).toBe(true))
  await eventually(() => expect(first('probed')?.restartCount).toBe(1))
  const killed = node.client
    .list('events')
    .find((one) => one.reason === 'Killing' && one.involvedObject.name === 'probed')
  expect(killed?.message).toBe('Container one failed liveness probe, will be restarted')
})

test('a pod that outlives its deadline fails', async () => {
  node.pod('team-a', 'late', { ...once('sleep 60'), activeDeadlineSeconds: 1 })
  await phase('late', 'Failed')
  expect(status('late')).toMatchObject({
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  })
})

test('what asks for too much is not scheduled, and says so', async () => {
  node.pod('team-a', 'gpu', {
    containers: [container('true', { resources: { limits: { 'nvidia.com/gpu': '1' } } })],
  })
  await eventually(() =>
    expect(status('gpu')?.conditions?.[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
    }),
  )
  expect(status('gpu').conditions[0].message).toMatch(
    /^0\/1 nodes are available: 1 Insufficient nvidia.com\/gpu\./,
  )
})

test('of a pod that is gone no process and no file is left', async () => {
  const { metadata } = node.pod('team-a', 'traces', {
    ...once('sleep 1000 & echo $!; sleep 1000'),
    terminationGracePeriodSeconds: 0,
  })
  await eventually(async () => expect(await node.log('team-a', 'traces')).toMatch(/^\d+\n$/))
  const pid = (await node.log('team-a', 'traces')).trim()
  node.client.remove('pods', 'team-a', 'traces')
  await eventually(() => expect(existsSync(`${node.stateDir}/pods/${metadata.uid}`)).toBe(false))
  await eventually(() =>
    expect(
      !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    ).toBe(true),
  )
})

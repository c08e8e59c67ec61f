import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { StatusError } from '#server/lab/cluster/api/status.ts'
import { startTestNode, type TestNode } from '#server/lab/cluster/testing/test-node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startTestNode()
})
afterAll(() => node.close())

const service = (name: string, spec: object) =>
  node.client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'team-a' },
    spec,
  })

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
  return 'accepted'
}

describe('services', () => {
  test('get an address, defaults, and keep both on update', () => {
    const made = service('plain', { ports: [{ port: 80 }], selector: { app: 'x' } })
    expect(made.spec).toMatchObject({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      clusterIP: expect.stringMatching(/^127\.(3[2-9]|4[0-7])\./),
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    })
    expect(made.spec.clusterIPs).toEqual([made.spec.clusterIP])
    const { clusterIP: _, clusterIPs: __, ...rest } = made.spec
    expect(node.client.replace('services', { ...made, spec: rest }).spec.clusterIP).toBe(
      made.spec.clusterIP,
    )
  })

  test('without address and selector are dual-stack; external names have no addresses', () => {
    expect(service('by-hand', { clusterIP: 'None', ports: [{ port: 80 }] }).spec).toMatchObject({
      clusterIPs: ['None'],
      ipFamilyPolicy: 'RequireDualStack',
    })
    const external = service('external', {
      type: 'ExternalName',
      externalName: 'a.b.svc.cluster.local',
    })
    expect(external.spec).toEqual({
      type: 'ExternalName',
      externalName: 'a.b.svc.cluster.local',
      sessionAffinity: 'None',
    })
  })

  test('node ports are allocated; a taken or foreign address is refused', () => {
    const made = service('node-port', { type: 'NodePort', ports: [{ port: 80 }] })
    expect(made.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000)
    const taken = refusal(() =>
      service('taken', { clusterIP: made.spec.clusterIP, ports: [{ port: 80 }] }),
    )
    expect(taken).toContain('provided IP is already allocated')
    expect(
      refusal(() => service('far', { clusterIP: '10.0.0.1', ports: [{ port: 80 }] })),
    ).toContain('is not in the valid range')
  })

  test('are refused in the words of a real cluster', () => {
    expect(refusal(() => service('bad', { type: 'ExternalName', ports: [{ port: 99999 }] }))).toBe(
      'Service "bad" is invalid: [spec.externalName: Required value, spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive]',
    )
    expect(refusal(() => service('none', { selector: { a: 'b' } }))).toBe(
      'Service "none" is invalid: spec.ports: Required value',
    )
  })
})

describe('pods', () => {
  test('get their account, defaults and class of service', () => {
    const pod = node.pod('team-a', 'defaults', {
      nodeSelector: { none: 'such' },
      containers: [{ name: 'c', image: 'localhost/x:1' }],
    })
    expect(pod.spec).toMatchObject({
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
    })
    expect(pod.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
    })
    expect(pod.spec.containers[0].volumeMounts[0].mountPath).toBe(
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
    expect(pod.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' })
  })

  test('are refused without their account, and change little afterwards', () => {
    const containers = [{ name: 'c', image: 'localhost/x:1' }]
    expect(
      refusal(() => node.pod('team-a', 'nobody', { serviceAccountName: 'nobody', containers })),
    ).toBe(
      'pods "nobody" is forbidden: error looking up service account team-a/nobody: serviceaccount "nobody" not found',
    )
    expect(refusal(() => node.pod('team-a', 'empty', { containers: [] }))).toBe(
      'Pod "empty" is invalid: spec.containers: Required value',
    )
    node.pod('team-a', 'fixed', { nodeSelector: { none: 'such' }, containers })
    expect(
      refusal(() => node.client.patch('pods', 'team-a', 'fixed', { spec: { hostname: 'x' } })),
    ).toContain('pod updates may not change fields other than')
    expect(
      refusal(() =>
        node.client.patch('pods', 'team-a', 'fixed', {
          spec: { containers: [{ name: 'c', image: 'localhost/y:1' }] },
        }),
      ),
    ).toContain('pod updates may not change')
  })
})

test('a Deployment whose selector does not match its template is refused', () => {
  const template = {
    metadata: { labels: { app: 'b' } },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  }
  const metadata = { name: 'd', namespace: 'team-a' }
  const spec = { selector: { matchLabels: { app: 'a' } }, template }
  expect(
    refusal(() =>
      node.client.create('deployments.apps', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec,
      }),
    ),
  ).toContain('`selector` does not match template `labels`')
})

test('each namespace has its account and the CA', async () => {
  await vi.waitFor(
    () =>
      expect(node.client.find('configmaps', 'team-a', 'kube-root-ca.crt')?.data).toEqual({
        'ca.crt': 'CA',
      }),
    30_000,
  )
  expect(node.client.find('serviceaccounts', 'team-b', 'default')).toBeDefined()
})

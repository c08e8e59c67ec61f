import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Body, eventually } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

const image = process.env.CONTRACT_IMAGE ?? 'localhost/busybox:1'
// Tekton's set-security-context and `restricted` namespaces refuse images that run as root; OpenShift chooses ids itself.
const user = process.env.CONTRACT_USER ?? '65534'
const securityContext = user === '' ? {} : { runAsUser: Number(user), runAsNonRoot: true }
let target: Target
let pods: string
let runs: string

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  pods = `/api/v1/namespaces/${target.namespace}/pods`
  runs = `/apis/tekton.dev/v1/namespaces/${target.namespace}/taskruns`
})
afterAll(() => target.close())

// A cluster of somebody else need neither have the image with the shell nor Tekton.
describe.runIf(!process.env.KUBECONFIG || process.env.CONTRACT_PODS)('what runs', () => {
  function pod(name: string, script: string): Promise<unknown> {
    return target.api.post(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        securityContext,
        containers: [{ name: 'main', image, command: ['sh', '-c', script] }],
      },
    })
  }

  async function ended(name: string): Promise<Body> {
    const { body } = await eventually(
      () => target.api.get(`${pods}/${name}`),
      (answer) => ['Succeeded', 'Failed'].includes(answer.body.status?.phase),
    )
    return body
  }

  async function run(name: string, spec: object): Promise<Body> {
    const body = {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name },
      spec: { podTemplate: { securityContext }, ...spec },
    }
    const created = await target.api.post(runs, body)
    expect(created.status).toBe(201)
  }

  async function runEnded(name: string): Promise<Body> {
    const { body } = await eventually(
      () => target.api.get(`${runs}/${name}`),
      (answer) => ['True', 'False'].includes(answer.body.status?.conditions?.[0]?.status),
    )
    return body
  }

  test('a container runs, its output is its log, its exit code its state', async () => {
    await pod('fails', 'echo out; echo err >&2; exit 3')
    const { status } = await ended('fails')
    expect(status.phase).toBe('Failed')
    expect(status.containerStatuses[0].state.terminated.exitCode).toBe(3)
    const log = await target.api.get(`${pods}/fails/log`)
    expect(log.text.split('\n').sort()).toEqual(['', 'err', 'out'])
    const tail = await target.api.get(`${pods}/fails/log?tailLines=-1`)
    expect(tail.status).toBe(422)
  })

  test('a followed log ends with its container', async () => {
    await pod('follows', 'for i in 1 2 3; do echo $i; sleep 0.2; done')
    await eventually(
      () => target.api.get(`${pods}/follows`),
      ({ body }) => body.status?.phase !== 'Pending',
    )
    const lines: string[] = []
    const signal = new AbortController().signal
    for await (const line of target.api.lines(`${pods}/follows/log?follow=true`, signal))
      lines.push(line)
    expect(lines).toEqual(['1', '2', '3'])
  })

  test('a TaskRun substitutes, keeps results, and shares a workspace', async () => {
    await run('ok', {
      params: [{ name: 'who', value: 'you' }],
      workspaces: [{ name: 'data', emptyDir: {} }],
      taskSpec: {
        params: [{ name: 'who' }],
        results: [{ name: 'greeting' }],
        workspaces: [{ name: 'data' }],
        steps: [
          { name: 'write', image, script: 'echo $(params.who) > $(workspaces.data.path)/who' },
          {
            name: 'read',
            image,
            script:
              'printf "hello %s" "$(cat $(workspaces.data.path)/who)" > $(results.greeting.path)',
          },
        ],
      },
    })
    const { status } = await runEnded('ok')
    expect(status.conditions[0].reason).toBe('Succeeded')
    expect(status.results).toEqual([{ name: 'greeting', type: 'string', value: 'hello you' }])
  })

  test('a failed step ends the run and skips the later ones', async () => {
    await run('boom', {
      taskSpec: {
        steps: [
          { name: 'boom', image, script: 'exit 3' },
          { name: 'never', image, script: 'true' },
        ],
      },
    })
    const { status } = await runEnded('boom')
    expect(status.conditions[0].status).toBe('False')
    const [boom, never] = status.steps
    expect([boom.terminated.exitCode, never.terminationReason]).toEqual([3, 'Skipped'])
  })

  test('a pending run starts nothing, lets nothing be changed, and runs when released', async () => {
    await run('sealed', {
      status: 'TaskRunPending',
      taskSpec: { steps: [{ name: 'one', image, script: 'true' }] },
    })
    const changed = await target.api.patch(`${runs}/sealed`, { spec: { timeout: '5m' } })
    expect(changed.status).toBe(400)
    expect((await target.api.get(pods)).body.items).not.toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining({ name: 'sealed-pod' }) }),
    )
    await target.api.patch(`${runs}/sealed`, { spec: { status: null } })
    expect((await runEnded('sealed')).status.conditions[0].status).toBe('True')
  })

  test('a cancelled run ends, and so does one whose time is over', async () => {
    const sleeps = { steps: [{ name: 'one', image, script: 'sleep 60' }] }
    await run('cancelled', { taskSpec: sleeps })
    await run('slow', { timeout: '1s', taskSpec: sleeps })
    await target.api.patch(`${runs}/cancelled`, { spec: { status: 'TaskRunCancelled' } })
    expect((await runEnded('cancelled')).status.conditions[0].reason).toBe('TaskRunCancelled')
    expect((await runEnded('slow')).status.conditions[0].reason).toBe('TaskRunTimeout')
  })
})

import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { scriptedCluster } from '#server/testing/gateway/gateway-fixture.ts'
import { dispatchWebhooks } from './dispatch-webhooks.ts'
import { type Webhook, webhooksSchema } from './model/webhook.ts'

const ending = new AbortController()
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const digest = `sha256:${'1'.repeat(64)}`
let store: Store

beforeAll(async () => {
  store = await openStore(await databaseUrl(), { signal: ending.signal })
})
afterAll(() => ending.abort())

type Received = { url: string; headers: IncomingHttpHeaders; body: string }

/** A place that is told; answers as it is asked to, and 200 `{"errcode": 0, "code": 0}` otherwise. */
async function receiver(answer: (count: number, url: string) => [number, string?] = () => [200]) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { url = '', headers } = request
    received.push({ url, headers, body: Buffer.concat(chunks).toString() })
    const [status, text = '{"errcode":0,"code":0}'] = answer(received.length, url)
    response.writeHead(status, { location: '/elsewhere' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received }
}

async function controllers(webhooks: Webhook[], count = 1) {
  const cluster = await scriptedCluster()
  const term = new AbortController()
  const kube = connectKube({ kubeconfigText: cluster.kubeconfig, signal: term.signal })
  const ctx = { kube, log: createLog('test', 'silent'), now: () => new Date(), signal: term.signal }
  const options = {
    webhooks,
    publicUrl: 'https://bindery.example',
    againSeconds: 0.0005,
    idleMs: 200,
  }
  const kept = Array.from({ length: count }, () =>
    dispatchWebhooks(ctx, () => store.outbox, options),
  )
  onTestFinished(async () => {
    term.abort()
    await Promise.all(kept)
  })
  // A place is told what happens from when it is known.
  await store.outbox.enqueue(
    webhooks.map(({ name }) => ({ name, kinds: [] })),
    [],
  )
  return cluster
}

function denied(name: string) {
  const binding = sampleBinding()
  const at = new Date(Date.now() + 1000).toISOString()
  const decision = {
    generation: 1,
    decision: 'deny' as const,
    by: 'grace',
    at,
    comment: 'No.',
    digest,
  }
  return {
    ...binding,
    metadata: { ...binding.metadata, name, uid: `uid-${name}`, generation: 1 },
    status: { decisions: [decision] },
  }
}

test('each place is told in its own words, signed in its own way', async () => {
  const { url, received } = await receiver()
  const webhooks = webhooksSchema.parse([
    { name: 'generic', kind: 'generic', url: `${url}/generic`, secret },
    { name: 'slack', kind: 'slack', url: `${url}/slack` },
    { name: 'feishu', kind: 'feishu', url: `${url}/feishu`, secret: 'f-secret' },
    { name: 'dingtalk', kind: 'dingtalk', url: `${url}/ding?access_token=t`, secret: 'SEC1' },
    { name: 'wecom', kind: 'wecom', url: `${url}/wecom?key=k` },
    { name: 'quiet', kind: 'slack', url: `${url}/quiet`, notices: ['expired'] },
  ])
  const cluster = await controllers(webhooks)
  cluster.put('modelbindings', denied('all'))
  await vi.waitFor(() => expect(received).toHaveLength(5), { timeout: 30_000 })
  const of = (path: string) => received.find((one) => one.url.startsWith(path))

  const generic = of('/generic')
  const { 'webhook-id': id, 'webhook-timestamp': time } = generic?.headers ?? {}
  const key = Buffer.alloc(24, 7)
  const expected = createHmac('sha256', key).update(`${id}.${time}.${generic?.body}`)
  expect(generic?.headers['webhook-signature']).toBe(`v1,${expected.digest('base64')}`)
  expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
  expect(JSON.parse(generic?.body ?? '')).toMatchObject({
    type: 'binding.denied',
    data: {
      name: 'all',
      who: 'grace',
      link: expect.stringMatching(/^https:\/\/bindery.example\//),
    },
  })

  const feishu = JSON.parse(of('/feishu')?.body ?? '')
  const feishuKey = `${feishu.timestamp}\nf-secret`
  expect(feishu.sign).toBe(createHmac('sha256', feishuKey).update('').digest('base64'))

  const ding = new URL(of('/ding')?.url ?? '', url).searchParams
  const dingText = `${ding.get('timestamp')}\nSEC1`
  expect(ding.get('access_token')).toBe('t')
  expect(ding.get('sign')).toBe(createHmac('sha256', 'SEC1').update(dingText).digest('base64'))
  expect(of('/wecom')?.body).toContain('申请已拒绝')
  expect(of('/quiet')).toBeUndefined()
})

test('it is told again until it is taken, under the same number, and once by two controllers', async () => {
  const { url, received } = await receiver((count) => [count === 1 ? 500 : 302, '{}'])
  const fine = await receiver()
  const refusing = await receiver((count) => [200, `{"errcode":${count < 3 ? 45009 : 0}}`])
  const gone = await receiver((count) => [count === 1 ? 410 : 200])
  const webhooks = webhooksSchema.parse([
    { name: 'failing', kind: 'generic', url, secret },
    { name: 'fine', kind: 'generic', url: fine.url, secret },
    { name: 'refusing', kind: 'wecom', url: refusing.url },
    { name: 'gone', kind: 'slack', url: gone.url },
  ])
  const cluster = await controllers(webhooks, 2)
  cluster.put('modelbindings', denied('again'))
  await vi.waitFor(
    async () => {
      const states = new Map((await store.outbox.states()).map((one) => [one.name, one]))
      expect(states.get('failing')).toMatchObject({ dead: 1, lastError: 'It answered 302.' })
      expect(states.get('fine')).toMatchObject({ sent: 1, pending: 0 })
      expect(states.get('refusing')).toMatchObject({ sent: 1, pending: 0 })
      expect(states.get('gone')).toMatchObject({ dead: 1, pending: 0 })
    },
    { timeout: 60_000 },
  )
  expect(received).toHaveLength(12)
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(received.some((one) => one.url === '/elsewhere')).toBe(false)
  expect([fine, refusing, gone].map((one) => one.received.length)).toEqual([1, 3, 1])

  // Mended at the other end, what was given up is tried anew: under the same number, and nothing else.
  expect(await store.outbox.retryDead('fine')).toBe(0)
  expect(await store.outbox.retryDead('gone')).toBe(1)
  await vi.waitFor(() => expect(gone.received).toHaveLength(2), { timeout: 60_000 })
  expect(gone.received[1]?.headers['webhook-id']).toBe(gone.received[0]?.headers['webhook-id'])
  await vi.waitFor(
    async () => {
      const states = new Map((await store.outbox.states()).map((one) => [one.name, one]))
      expect(states.get('gone')).toMatchObject({ sent: 1, dead: 0, lastError: undefined })
      expect(states.get('failing')).toMatchObject({ dead: 1 })
    },
    { timeout: 60_000 },
  )
})

test('a place that is configured wrongly is refused with its reason', () => {
  const refused = (more: object) =>
    webhooksSchema
      .safeParse([{ name: 'a', kind: 'generic', url: 'https://x.example', secret, ...more }])
      .error?.issues[0]?.path.at(-1)
  expect(refused({})).toBeUndefined()
  expect(refused({ secret: 'short' })).toBe('secret')
  expect(refused({ url: 'file:///etc/passwd' })).toBe('url')
  expect(refused({ kind: 'mail' })).toBe('kind')
})

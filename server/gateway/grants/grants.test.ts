import { expect, test } from 'vitest'
import {
  ask,
  bearer,
  codeOf,
  question,
  readyBinding,
  running,
  scene,
  teamA,
  teamB,
  tokenOf,
  until,
  web,
} from '#server/testing/gateway/gateway-fixture.ts'

test('who is nobody, unknown, or of another audience is not heard; who is not bound is refused', async () => {
  const { gateway, cluster } = await scene()
  const said = async (headers: Record<string, string>) =>
    codeOf(await ask(gateway.url, question(), headers))
  expect(await said({})).toBe('401 invalid_token')
  expect(await said(bearer('EMPTY'))).toBe('401 invalid_token')
  expect(await said(bearer(tokenOf('system:serviceaccount:x:unknown')))).toBe('401 invalid_token')
  const reviews = () => cluster.requests.filter((line) => line.includes('tokenreviews')).length
  const before = reviews()
  expect(await said(bearer(tokenOf(teamA, 'https://kubernetes')))).toBe('401 invalid_token')
  expect(reviews()).toBe(before)
  expect(await said(bearer(tokenOf(teamB)))).toBe('403 not_bound')
  for (let i = 0; i < 5; i++) await said(bearer(tokenOf(teamB)))
  expect(reviews()).toBe(before + 1)
})

test('our own accounts speak for a binding; a tenant speaks for none but its own', async () => {
  const { gateway, cluster, store } = await scene({ database: true })
  cluster.put('modelbindings', readyBinding('research-team-b'))
  const speaking = (user: string, binding: string) => ({
    ...bearer(tokenOf(user)),
    'x-bindery-binding': binding,
    'x-bindery-caller': `ada ${encodeURIComponent('李')}`,
  })
  const said = async (user: string, binding: string) => {
    const answer = await ask(gateway.url, question(), speaking(user, binding))
    return answer.ok ? 'ok' : codeOf(answer)
  }
  expect(await said(web, 'research-team-a/vibethinker')).toBe('ok')
  expect(await said(web, 'research-team-a/none')).toBe('404 not_bound')
  expect(await said(web, '../x')).toBe('400 bad_request')
  expect(await said(teamA, 'research-team-b/vibethinker')).toBe('403 not_allowed')
  expect(await said(teamA, 'research-team-b/none')).toBe('403 not_allowed')
  const used = { namespace: 'research-team-a', name: 'vibethinker' }
  await until(async () => (await store?.usageOf(used, new Date(0)))?.requests === 1)

  // Who says that its call is a probe of its own access is on record all the same; our own probes are not.
  for (const user of [teamA, web]) {
    const probing = { 'x-bindery-binding': 'research-team-a/none', 'x-bindery-probe': '1' }
    const answer = await ask(gateway.url, question(), { ...bearer(tokenOf(user)), ...probing })
    expect(await codeOf(answer)).toBe('404 not_bound')
  }

  await gateway.close()
  const refused = (await store?.listAudit({ what: ['refused'] }, { limit: 10 })) ?? []
  expect(refused.map(({ content }) => [content.who, content.binding, content.details?.count]))
    // Who may not speak for others is not believed who they speak for: known by their address alone.
    .toEqual([
      [teamA, { namespace: 'research-team-a', name: 'none' }, 1],
      ['127.0.0.1', undefined, 2],
      ['ada 李', { namespace: 'research-team-a', name: 'none' }, 1],
    ])
  expect(JSON.stringify(refused)).not.toMatch(/What is 2|Bearer|\.sig/)
})

test('a pod is known by its address where the ModelService allows it, and only if it is its own', async () => {
  const { gateway, cluster, service } = await scene({ podIP: true })
  const pod = (name: string, namespace: string, hostNetwork: boolean) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: name },
    spec: { containers: [], hostNetwork },
    status: { phase: 'Running', podIP: '127.0.0.1' },
  })
  const said = async () => {
    const answer = await ask(gateway.url, question(), bearer('EMPTY'))
    return answer.ok ? 'ok' : codeOf(answer)
  }
  cluster.put('pods', pod('one', 'research-team-a', true))
  expect(await said()).toBe('401 invalid_token')
  cluster.put('pods', pod('one', 'research-team-a', false))
  expect(await said()).toBe('ok')
  cluster.put('pods', pod('two', 'research-team-b', false))
  await until(async () => (await said()) === '401 invalid_token')
  cluster.put('pods', {
    ...pod('two', 'research-team-b', false),
    status: { phase: 'Succeeded' },
  } as never)
  await until(async () => (await said()) === 'ok')
  cluster.put('modelservices', {
    ...service,
    spec: { ...service.spec, identity: { podIP: false } },
  } as never)
  await until(async () => (await said()) === '401 invalid_token')
  // What one model service allows opens no other.
  cluster.put('modelservices', {
    ...service,
    metadata: { ...service.metadata, name: 'another', uid: 'another' },
    spec: { ...service.spec, identity: { podIP: true } },
  } as never)
  await until(async () => (await said()) === '403 not_bound')
})

test('expired, not ready, released and unbound: each refused in its own words', async () => {
  let now = new Date('2026-11-24T10:00:00Z')
  const { gateway, cluster } = await scene({ now: () => now })
  const said = async () => codeOf(await ask(gateway.url, question()))
  const known = async (code: string) => until(async () => (await said()) === code)
  cluster.put(
    'modelbindings',
    readyBinding('research-team-a', { expiresAt: '2026-11-24T11:00:00Z' }),
  )
  now = new Date('2026-11-24T11:00:00Z')
  await known('403 binding_expired')
  cluster.put('modelbindings', readyBinding('research-team-a', { usableSince: undefined }))
  await known('403 binding_not_ready')
  const binding = readyBinding('research-team-a')
  cluster.put('modelbindings', { ...binding, spec: { ...binding.spec, released: true } } as never)
  await known('403 binding_ended')
  cluster.put('modelbindings', { ...binding, status: {} } as never)
  await known('403 binding_not_granted')
})

test('a grant that expires ends the answer that runs', async () => {
  const { gateway, cluster, engine } = await scene()
  const answer = await ask(gateway.url, question('#bench:40000', { stream: true }))
  await until(async () => (await running(engine.url)) === 1)
  const expiresAt = new Date(Date.now() + 300).toISOString()
  cluster.put('modelbindings', readyBinding('research-team-a', { expiresAt }))
  expect(await answer.text()).toContain('"code":"binding_expired"')
  await until(async () => (await running(engine.url)) === 0)
})

test('a probe is told since when its binding is refused, and how many answers that cut off', async () => {
  const { gateway, cluster, engine } = await scene()
  const probe = (url: string) =>
    fetch(`${url}/v1/models`, {
      headers: {
        ...bearer(tokenOf(web)),
        'x-bindery-binding': 'research-team-a/vibethinker',
        'x-bindery-probe': '1',
      },
    })
  expect((await probe(gateway.url)).headers.get('x-bindery-refused-since')).toBeNull()
  const answers = [1, 2].map(() => ask(gateway.url, question('#bench:40000', { stream: true })))
  await until(async () => (await running(engine.url)) === 2)
  // The gateway's time is the API server's, known to less than a second and never ahead of it.
  const before = Date.now() - 1_000
  const binding = readyBinding('research-team-a')
  cluster.put('modelbindings', { ...binding, spec: { ...binding.spec, released: true } } as never)
  for (const answer of answers) expect(await (await answer).text()).toContain('binding_ended')
  const refused = await probe(gateway.url)
  expect(refused.status).toBe(403)
  expect(refused.headers.get('x-bindery-cut-answers')).toBe('2')
  const since = Date.parse(refused.headers.get('x-bindery-refused-since') ?? '')
  expect(since).toBeGreaterThanOrEqual(before)
  // The tenant itself is told nothing of the sort.
  expect((await ask(gateway.url, question())).headers.get('x-bindery-cut-answers')).toBeNull()
})

test('while the API server is away, what was granted stands', async () => {
  const { gateway, cluster } = await scene()
  expect((await ask(gateway.url, question())).status).toBe(200)
  cluster.down = true
  cluster.cut()
  expect((await ask(gateway.url, question())).status).toBe(200)
  const unknown = await ask(gateway.url, question(), bearer(tokenOf(teamB)))
  expect(await codeOf(unknown)).toBe('503 identity_unavailable')
})

test('a body is counted before it is read: refused ones use the rate up like all others', async () => {
  const { cluster, gateway } = await scene()
  const quota = { requestsPerMinute: 4, tokensPerDay: 1_000_000, concurrency: 4 }
  cluster.put('modelbindings', readyBinding('research-team-a', { quota }))
  const keys = Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [`k${i}`, 1]))
  const bodies = [
    JSON.stringify(question('x', keys)),
    '{"messages": ',
    `{"tools": ${'['.repeat(1_000_000)}`,
    JSON.stringify({ messages: Array.from({ length: 200_000 }, () => ({})) }),
  ]
  await until(async () => {
    const answer = await ask(gateway.url, bodies[0] ?? '')
    return (await codeOf(answer)) === '429 rate_limit_exceeded'
  })
  for (const body of bodies) {
    const answer = await ask(gateway.url, body)
    expect([answer.status, (await answer.text()).length < 500]).toEqual([429, true])
  }
  const other = { authorization: `Bearer ${tokenOf(teamB)}` }
  cluster.put('modelbindings', readyBinding('research-team-b', { quota }))
  await until(async () => (await ask(gateway.url, question(), other)).status !== 403)
  const refused = []
  for (const body of bodies) {
    const answer = await ask(gateway.url, body, other)
    const text = await answer.text()
    expect(text.length).toBeLessThan(500)
    refused.push(answer.status)
  }
  expect(refused).toEqual([400, 400, 400, 429])
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ignoredParametersHeader } from '#server/platform/model/names.ts'
import { ask, question, scene } from '#server/testing/gateway/gateway-fixture.ts'
import { bodyOf } from '#server/testing/scripted-api.ts'

const vllm = {
  object: 'list',
  data: [{ id: 'vibethinker-1.5b', object: 'model', owned_by: 'vllm', max_model_len: 131_072 }],
}
const sglang = {
  object: 'list',
  data: [{ id: 'vibethinker-1.5b', owned_by: 'sglang', max_model_len: 40_960 }],
}
const llamacpp = {
  models: [{ name: 'v.gguf', model: 'v.gguf' }],
  object: 'list',
  data: [{ id: 'v.gguf', owned_by: 'llamacpp', meta: { n_ctx: 4096, n_ctx_train: 8192 } }],
}

type Asked = { path: string; headers: IncomingHttpHeaders; body: unknown }

/** An engine that says what it is, keeps what it was asked, and answers one word. */
async function engineThatSays(models: object, key?: string) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request)
    const path = request.url ?? ''
    asked.push({ path, headers: request.headers, body: text ? JSON.parse(text) : undefined })
    const refused = key !== undefined && request.headers.authorization !== `Bearer ${key}`
    response.writeHead(refused ? 401 : 200, { 'content-type': 'application/json' })
    const answer = { choices: [{ index: 0, message: { content: '4' }, finish_reason: 'stop' }] }
    const error = { error: { message: 'Unauthorized', code: 401 } }
    response.end(JSON.stringify(refused ? error : path === '/v1/models' ? models : answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const bodies = () => asked.flatMap(({ path, body }) => (path === '/v1/models' ? [] : [body]))
  return { inferenceUrl: `http://127.0.0.1:${port}`, asked, bodies }
}

const sampling = {
  temperature: 0.6,
  top_k: 20,
  repetition_penalty: 1.05,
  repetition_detection: { max_pattern_size: 512, min_count: 4 },
}

test.each([
  { models: vllm, sent: sampling, ignored: null },
  {
    models: sglang,
    sent: { temperature: 0.6, top_k: 20, repetition_penalty: 1.05 },
    ignored: 'repetition_detection',
  },
  {
    models: llamacpp,
    sent: { temperature: 0.6, top_k: 20, repeat_penalty: 1.05 },
    ignored: 'repetition_detection',
  },
  { models: { data: [{ id: 'x', owned_by: 'tgi' }] }, sent: sampling, ignored: null },
])(
  'parameters reach $models.data.0.owned_by in its own words',
  async ({ models, sent, ignored }) => {
    const engine = await engineThatSays(models)
    const { gateway } = await scene(engine)
    const answer = await ask(gateway.url, question('1+1', sampling))
    expect(answer.status).toBe(200)
    expect(answer.headers.get(ignoredParametersHeader)).toBe(ignored)
    const [body] = engine.bodies()
    expect(body).toMatchObject(sent)
    const names = Object.keys(Object(body)).filter((name) => /^rep|^top_k|^temp/.test(name))
    expect(names.sort()).toEqual(Object.keys(sent).sort())
  },
)

test('what is the same for all engines is sent without a look at the engine', async () => {
  const engine = await engineThatSays(vllm)
  const { gateway } = await scene(engine)
  await (await ask(gateway.url, question('1+1', { temperature: 1 }))).text()
  expect(engine.asked.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
})

test('an engine that asks for a key gets the one of its Secret, and its caller never sees it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engine-keys-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const key = 'sk-of-the-engine'
  const engine = await engineThatSays(vllm, key)
  const { gateway } = await scene({ ...engine, engineKeysDir: directory })
  const refused = await ask(gateway.url, question())
  expect([refused.status, await refused.text()]).toEqual([
    502,
    expect.stringContaining('engine_key_refused'),
  ])
  expect(await gateway.engines()).toMatchObject({
    'model-serving-prod/vibethinker': { stable: { state: 'key-refused', replaced: true } },
  })

  writeFileSync(join(directory, 'default'), `${key}\n`)
  const keyed = await scene({ ...engine, engineKeysDir: directory })
  const answer = await ask(keyed.gateway.url, question())
  expect(answer.status).toBe(200)
  const told = `${JSON.stringify([...answer.headers])}${await answer.text()}`
  expect(told).not.toContain(key)
  expect(engine.asked.at(-1)?.headers.authorization).toBe(`Bearer ${key}`)
  expect(JSON.stringify(await keyed.gateway.engines())).not.toContain(key)
})

test.each([
  { models: vllm, facts: { kind: 'vllm', models: ['vibethinker-1.5b'], contextTokens: 131_072 } },
  { models: sglang, facts: { kind: 'sglang', contextTokens: 40_960 } },
  { models: llamacpp, facts: { kind: 'llamacpp', models: ['v.gguf'], contextTokens: 4096 } },
])('the gateway says which engine stands behind it: $facts.kind', async ({ models, facts }) => {
  const { gateway } = await scene(await engineThatSays(models))
  expect(await gateway.engines()).toMatchObject({
    'model-serving-prod/vibethinker': { stable: { state: 'answers', replaced: true, facts } },
  })
})

test('an engine that is away is told as such', async () => {
  const { gateway } = await scene({ inferenceUrl: 'http://127.0.0.1:1' })
  expect(await gateway.engines()).toEqual({
    'model-serving-prod/vibethinker': { stable: { state: 'unreachable', replaced: true } },
  })
})

import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readyBinding, scene } from '#server/testing/gateway/gateway-fixture.ts'
import {
  chunk,
  playgroundBefore,
  questionBody,
  startPlayedEngine,
  theEnd,
} from '#server/testing/web/playground-fixture.ts'

async function playground(quota?: {
  requestsPerMinute: number
  tokensPerDay: number
  concurrency: number
}) {
  const engine = await startPlayedEngine()
  const { cluster, gateway } = await scene({ inferenceUrl: engine.url })
  cluster.users.add('ada')
  if (quota) cluster.put('modelbindings', readyBinding('research-team-a', { quota }))
  return { engine, cluster, ...(await playgroundBefore(cluster.kubeconfig, gateway.url)) }
}

test('a conversation goes on with what was said, without the thoughts', async () => {
  const { engine, ask, read, conversation } = await playground()
  engine.plays(
    (response) => response.end(`${chunk({ content: '<think>hm</think>x = 1' })}${theEnd}`),
    (response) => response.end(`${chunk({ content: 'because' })}${theEnd}`),
  )
  const first = await ask({ text: 'Solve x + 1 = 2.\nThen explain.' })
  expect(await read(first)).toMatchObject([{ reasoning: 'hm', content: 'x = 1' }])
  const { id, title } = first.conversation
  expect(title).toBe('Solve x + 1 = 2.')
  const after = first.generations[0]?.id
  const second = await ask({ text: 'Why?', after }, { conversation: id })
  expect(await read(second)).toMatchObject([{ content: 'because', end: { state: 'done' } }])

  expect(engine.asked[1]?.messages).toEqual([
    { role: 'system', content: 'You solve problems.' },
    { role: 'user', content: 'Solve x + 1 = 2.\nThen explain.' },
    { role: 'assistant', content: 'x = 1' },
    { role: 'user', content: 'Why?' },
  ])
  const { questions, generations } = await conversation(id)
  expect(questions.map(({ text, after }) => [text.slice(0, 4), after])).toEqual([
    ['Solv', undefined],
    ['Why?', after],
  ])
  expect(generations.map(({ question }) => question)).toEqual(questions.map((one) => one.id))
})

test('asked again, in other words and several times at once: every branch stays', async () => {
  const { engine, ask, read, conversation } = await playground()
  const say = (content: string) => (response: { end(text: string): void }) =>
    response.end(`${chunk({ content })}${theEnd}`)
  engine.plays(say('a'), say('b'), say('c'), say('d'))
  const first = await ask({ text: 'One' }, { answers: 2 })
  expect((await read(first)).map(({ content }) => content).sort()).toEqual(['a', 'b'])
  const { id } = first.conversation
  await read(await ask({ id: first.question.id }, { conversation: id }))
  await read(await ask({ text: 'Two' }, { conversation: id }))
  const { questions, generations } = await conversation(id)
  expect(questions.map(({ text, after }) => [text, after])).toEqual([
    ['One', undefined],
    ['Two', undefined],
  ])
  expect(generations.map(({ question }) => question === first.question.id)).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(generations.slice(0, 2).map((one) => one.id)).toEqual(first.generations.map((g) => g.id))
})

test('an answer that is being written cannot be gone on from', async () => {
  const { engine, ask, call } = await playground()
  engine.plays((response) => response.write(chunk({ content: 'half' })))
  const { conversation, generations } = await ask({ text: 'One' })
  const question = { text: 'Two', after: generations[0]?.id }
  const body = questionBody(question, { conversation: conversation.id })
  const refused = await call('POST', '/api/generations', body)
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    { error: { key: 'generation.stillRunning' } },
  ])
})

test.each([
  [
    'thoughts',
    '<think>one two',
    { reasoning: 'one two' },
    '<think>\none two',
    {},
    { reasoning: 'one two three', content: 'four' },
  ],
  [
    'thoughts, to be closed',
    '<think>one two',
    { reasoning: 'one two' },
    '<think>\none two\n</think>\n\n',
    { closeThinking: true },
    { reasoning: 'one two', content: ' three</think>four' },
  ],
  [
    'an answer',
    '<think>hm</think>one two',
    { content: 'one two' },
    '<think>\nhm\n</think>\n\none two',
    {},
    { reasoning: 'hm', content: 'one two three</think>four' },
  ],
])('%s that ran out of tokens are gone on with', async (_name, said, begun, sent, how, gone) => {
  const { engine, ask, read, json } = await playground()
  engine.plays(
    (response) => response.end(`${chunk({ content: said })}${chunk({}, 'length')}data: [DONE]\n\n`),
    (response) => response.end(`${chunk({ content: ' three</think>four' })}${theEnd}`),
  )
  const first = await ask({ text: 'One' })
  expect(await read(first)).toMatchObject([{ ...begun, end: { finishReason: 'length' } }])
  const cut = first.generations[0]?.id
  const next = await json<typeof first>('POST', `/api/generations/${cut}/continue`, how)
  expect(next.generations[0]).toMatchObject({ continues: cut, question: first.question.id })
  const [answer] = await read(next)
  expect(engine.asked[1]).toMatchObject({
    continue_final_message: true,
    add_generation_prompt: false,
  })
  expect(engine.asked[1]?.messages.at(-1)).toEqual({ role: 'assistant', content: sent })
  expect(answer).toMatchObject(gone)
})

test('what has answered by itself cannot be finished: nothing more is asked of the engine', async () => {
  const { engine, ask, read, call } = await playground()
  engine.plays((response) =>
    response.end(`${chunk({ content: '<think>hm</think>x = 1' })}${theEnd}`),
  )
  const asked = await ask({ text: 'One' })
  await read(asked)
  const refused = await call('POST', `/api/generations/${asked.generations[0]?.id}/finish`, {})
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    { error: { key: 'generation.answered' } },
  ])
  expect(engine.asked).toHaveLength(1)
})

test.each([
  ['again', undefined],
  ['on', '/continue'],
  ['to its end', '/finish'],
])('what two windows ask for at the same moment, %s, is answered once', async (_, path) => {
  const { engine, ask, call, read, conversation } = await playground()
  const cut = chunk({ content: '<think>hm' })
  engine.plays((response) => {
    if (path === '/finish') response.write(cut)
    else response.end(`${cut}${chunk({}, 'length')}data: [DONE]\n\n`)
  })
  const first = await ask({ text: 'One' })
  if (path !== '/finish') await read(first)
  await vi.waitFor(() => expect(engine.asked).toHaveLength(1), 30_000)
  const seen = first.generations[0]?.id
  const press = async (newest?: string) => {
    const { id } = first.question
    const answer = path
      ? await call('POST', `/api/generations/${seen}${path}`, { newest })
      : await call(
          'POST',
          '/api/generations',
          questionBody({ id, newest }, { conversation: first.conversation.id }),
        )
    return { status: answer.status, asked: (await answer.json()) as typeof first }
  }
  const say = (content: string) => (response: { end(text: string): void }) =>
    response.end(`${chunk({ content })}${theEnd}`)
  engine.plays(say('x = 1'), say('x = 2'))

  const both = await Promise.all([press(seen), press(seen)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 201])
  const [one, two] = both.map(({ asked }) => asked)
  expect(two?.generations.map(({ id }) => id)).toEqual(one?.generations.map(({ id }) => id))
  expect(both.find(({ status }) => status === 200)?.asked).toMatchObject({
    joined: true,
    question: { id: first.question.id },
    generations: [{ question: first.question.id, ...(path ? { continues: seen } : {}) }],
  })
  // Nothing was asked of the engine, and counted, for the one that came second.
  expect(await read(both[0]!.asked)).toMatchObject([{ end: { state: 'done' } }])
  expect(engine.asked).toHaveLength(2)
  // A window that was left open is shown the same, however late; one that has seen it asks for another.
  expect(await press(seen)).toMatchObject({ status: 200 })
  const next = await press(one?.generations[0]?.id)
  expect(next).toMatchObject({ status: 201 })
  await read(next.asked)
  const { generations } = await conversation(first.conversation.id)
  expect(generations.map(({ id }) => id)).toEqual([
    seen,
    one?.generations[0]?.id,
    next.asked.generations[0]?.id,
  ])
})

test('what is deleted is gone for good, its tokens too, and its engine stopped', async () => {
  const { engine, ask, json, call, web } = await playground()
  engine.plays((response) => response.write(chunk({ content: 'half' })))
  const { conversation, generations } = await ask({ text: 'One' })
  const id = generations[0]?.id ?? ''
  await vi.waitFor(
    async () => expect(await web.state.store.readEvents(id, 0)).not.toEqual([]),
    30_000,
  )
  await json('DELETE', `/api/conversations/${conversation.id}`)
  await vi.waitFor(() => expect(engine.closed()).toBe(1), 30_000)
  expect((await call('GET', `/api/conversations/${conversation.id}`)).status).toBe(404)
  expect(await json('GET', '/api/conversations')).toEqual([])
  await web.state.generations.drain(1000)
  const client = new pg.Client({ connectionString: web.databaseUrl })
  await client.connect()
  onTestFinished(() => client.end())
  for (const table of ['conversations', 'questions', 'generations', 'generation_events']) {
    expect([table, (await client.query(`select * from ${table}`)).rows]).toEqual([table, []])
  }
})

test('a branch is exported as files that need nothing else', async () => {
  const { engine, ask, read, call } = await playground()
  const said = '<think>hm</think>So $x_1 = 1$ <script>alert(1)</script>'
  engine.plays((response) => response.end(`${chunk({ content: said })}${theEnd}`))
  const asked = await ask({ text: 'Solve_it' })
  await read(asked)
  const path = `/api/conversations/${asked.conversation.id}/export?format=`
  const file = async (format: string) => (await call('GET', path + format)).text()
  expect(await file('markdown')).toContain('> hm')
  expect(await file('latex')).toContain('$x_1 = 1$')
  expect(JSON.parse(await file('json'))).toMatchObject({
    questions: [{ text: 'Solve_it' }],
    generations: [{ reasoning: 'hm', state: 'done', finishReason: 'stop' }],
  })
  const html = await file('html')
  expect(html).toContain('class="katex"')
  expect(html).not.toContain('<script')
  expect(html.match(/data:font\/woff2;base64,/g)?.length).toBeGreaterThan(15)
  // Nothing is fetched: every address in it is data.
  expect(html.match(/url\((?!data:)/g)).toBeNull()
  expect((await call('GET', `${path}docx`)).status).toBe(400)
})

test('conversations are found by any word of theirs, renamed, and nobody else’s', async () => {
  const { engine, ask, read, json, web } = await playground()
  engine.plays((response) =>
    response.end(`${chunk({ content: 'It is \\frac{1}{2}, 100%.' })}${theEnd}`),
  )
  const { conversation, ...asked } = await ask({ text: '求解 x_1 的值' })
  await read({ conversation, ...asked })
  const found = async (search: string) =>
    json<{ id: string; found?: string }[]>(
      'GET',
      `/api/conversations?${new URLSearchParams({ search })}`,
    )
  await vi.waitFor(async () => expect(await found('\\FRAC 求解')).toHaveLength(1), 30_000)
  for (const words of ['0%', 'x_1', '求解', 'it FRAC{1}']) {
    expect([words, (await found(words)).map(({ id }) => id)]).toEqual([words, [conversation.id]])
  }
  expect((await found('100%'))[0]?.found).toContain('100%')
  for (const words of ['x%1', 'nowhere', '求解 nowhere']) expect(await found(words)).toEqual([])

  await json('PATCH', `/api/conversations/${conversation.id}`, { title: ' Halves\0 ' })
  expect(await json('GET', '/api/conversations')).toMatchObject([{ title: 'Halves\ufffd' }])
  const bo = await web.as('bo')
  expect(await (await bo('GET', '/api/conversations?search=Halves')).json()).toEqual([])
  for (const [method, end] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/events'],
  ] as const) {
    const answer = await bo(method, `/api/conversations/${conversation.id}${end}`)
    expect([method, end, answer.status]).toEqual([method, end, 404])
  }
})

import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import { openStore } from '#server/processes/open-store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { usageAndGenerations } from './migrations/0001-usage-and-generations.ts'

test('generations that stood alone become conversations, with what was asked and answered', async () => {
  const url = await databaseUrl()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(usageAndGenerations.sql)
  await client.query(`create table schema_migrations (
    id integer primary key, name text not null, applied_at timestamptz not null default now())`)
  await client.query(`insert into schema_migrations (id, name) values (1, 'usage-and-generations')`)
  const request = {
    binding: { namespace: 'research-team-a', name: 'vibethinker' },
    messages: [
      { role: 'system', content: 'You solve.' },
      { role: 'user', content: `  Solve\n  ${'x'.repeat(100)}` },
    ],
    sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 10 },
  }
  await client.query(
    `insert into generations (id, owner, state, request, holder) values ('g1', 'ada', 'done', $1, 'w')`,
    [request],
  )
  const usage = { promptTokens: 1, completionTokens: 4 }
  const events = [
    { event: 'delta', data: { content: 'Let me ' } },
    { event: 'delta', data: { content: 'see.' } },
    { event: 'usage', data: usage },
    { event: 'delta', data: { moved: true, reasoning: ' Yes.', content: 'It is ' } },
    { event: 'delta', data: { content: 'seven.' } },
    { event: 'end', data: { state: 'done', finishReason: 'stop' } },
  ]
  await client.query(`insert into generation_events values ('g1', 1, 3, $1), ('g1', 4, 6, $2)`, [
    JSON.stringify(events.slice(0, 3)),
    JSON.stringify(events.slice(3)),
  ])

  const store = await openStore(url, { signal: new AbortController().signal })
  onTestFinished(() => store.close())
  const [conversation] = await store.listConversations('ada', { limit: 10 })
  expect(conversation).toMatchObject({ id: 'g1', title: `Solve ${'x'.repeat(74)}`, running: 0 })
  expect(await store.questionsOf('g1')).toMatchObject([{ text: request.messages[1]?.content }])
  expect(await store.generationsOf('g1')).toMatchObject([
    {
      id: 'g1',
      question: 'g1',
      state: 'done',
      request: { binding: request.binding, systemPrompt: 'You solve.', sampling: request.sampling },
    },
  ])
  expect((await store.readEvents('g1', 0)).map(({ event }) => event)).toEqual(events)
  expect(await store.pathTo('g1')).toHaveLength(1)
  expect((await store.textsOf(['g1'])).get('g1')).toEqual({
    reasoning: 'Let me see. Yes.',
    content: 'It is seven.',
    finishReason: 'stop',
    usage,
  })
  expect(await store.listConversations('ada', { limit: 10, search: 'seven' })).toHaveLength(1)
  // What a viewer is told from the events is the same.
  const told = (await store.readEvents('g1', 0)).reduce(
    (answer, { seq, event }) => reduceTokens(answer, seq, event),
    emptyAnswer,
  )
  expect(told).toMatchObject({ reasoning: 'Let me see. Yes.', content: 'It is seven.', usage })
})

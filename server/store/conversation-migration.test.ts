import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { databaseUrl } from './database-url.ts'
import { usageAndGenerations } from './migrations/0001-usage-and-generations.ts'
import { openStore } from './open-store.ts'

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
  const events = [
    { event: 'delta', data: { reasoning: 'hm', content: 'x' } },
    { event: 'end', data: { state: 'done', finishReason: 'stop' } },
  ]
  await client.query(`insert into generation_events values ('g1', 1, 2, $1)`, [
    JSON.stringify(events),
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
})

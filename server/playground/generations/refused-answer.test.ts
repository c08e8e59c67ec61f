import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { databaseUrl } from '#server/testing/database-url.ts'
import { begin, openProcess, readAll, token } from '#server/testing/playground/registry-fixture.ts'

/** A database that refuses some rows for good, as it does where a value is none that it can hold. */
async function openRefusing(constraint: string) {
  const url = await databaseUrl()
  const web = await openProcess(url, 'web')
  const pool = new pg.Pool({ connectionString: url })
  onTestFinished(() => pool.end())
  await pool.query(constraint)
  return { web, pool, other: await openProcess(url, 'other') }
}

test('an answer that PostgreSQL refuses for good is stopped, and settles as failed with words', async () => {
  const { web, other } = await openRefusing(
    "alter table generation_events add check (events::text not like '%unstorable%')",
  )
  const { id, model } = await begin(web)
  model.say(token('stays '))
  await expect.poll(async () => (await web.store.readEvents(id, 0)).length).toBe(1)
  model.say(token('unstorable'), token(' and more'))
  await expect.poll(model.isAborted).toBe(true)
  const told = {
    state: 'failed',
    content: 'stays ',
    error: { key: 'generation.notStored', message: expect.stringContaining('Ask again') },
  }
  expect((await readAll(web.hub, id)).answer.end).toMatchObject({
    state: 'failed',
    error: told.error,
  })
  await expect.poll(async () => (await web.store.findGeneration(id))?.state).toBe('failed')
  const texts = await web.store.textsOf([id])
  expect(texts.get(id)).toMatchObject({ content: 'stays ', error: told.error })
  const { answer: seen } = await readAll(other.hub, id)
  expect([seen.content, seen.end]).toMatchObject(['stays ', { state: 'failed' }])
  expect(web.hub.activeOf('ada')).toBe(0)
})

test('where the end is refused as well, nothing is tried for ever', async () => {
  const { web } = await openRefusing(
    'alter table generation_events add check (first_seq < 2 or events is null)',
  )
  const { id, model } = await begin(web)
  model.say(token('a'))
  await expect.poll(async () => (await web.store.readEvents(id, 0)).length).toBe(1)
  model.say(token('b'), 'end')
  await expect.poll(model.isAborted).toBe(true)
  await expect.poll(() => web.hub.activeOf('ada')).toBe(0)
  expect(await web.store.readEvents(id, 0)).toHaveLength(1)
})

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { nobody, startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

async function statusOf(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer
  await body?.cancel()
  return status
}

test('a process has so many streams and no more, and takes new ones when some end', async () => {
  const env = { STREAMS_PER_PERSON: '2', STREAMS_MAX: '3' }
  const web = await startWeb({ ...(await startCluster(() => true)), env })
  const [ada, bo] = [await web.as('ada'), await web.as('bo')]
  const open = [
    await ada('GET', '/api/stream'),
    await ada('GET', '/api/stream'),
    await bo('GET', '/api/stream'),
  ]
  expect(open.map(({ status }) => status)).toEqual([200, 200, 200])
  const full = await bo('GET', '/api/stream')
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await full.json()).toMatchObject({ error: { key: 'streamsFull', values: { max: 3 } } })
  await open[0]?.body?.cancel()
  await expect.poll(() => statusOf(bo('GET', '/api/stream'))).toBe(200)
  for (const { body } of open.slice(1)) await body?.cancel()
})

test('downloads that nobody reads are few, and hold neither a database connection nor another person', async () => {
  const web = await startWeb(await startCluster(() => true))
  const words = 'w'.repeat(2_000)
  await web.state.store.appendAudit(
    Array.from({ length: 3_000 }, (_, i) => ({
      key: `slow/${i}`,
      at: '2026-11-26T10:00:00Z',
      what: 'approved' as const,
      who: 'grace',
      why: words,
      on: { kind: 'ModelBinding', namespace: 'research-team-a', name: 'one', uid: 'u1' },
    })),
  )
  const stuck: Socket[] = []
  onTestFinished(() => {
    for (const socket of stuck) socket.destroy()
  })
  for (const user of ['ada', 'bo']) {
    const cookie = web.cookieOf(await web.state.sessions.open({ user, name: user, groups: [] }))
    for (let i = 0; i < 8; i++) {
      const socket = connect(Number(new URL(web.url).port), '127.0.0.1')
      stuck.push(socket)
      socket.write(
        `GET /api/audit/export.jsonl HTTP/1.1\r\nhost: a\r\ncookie: ${cookie}\r\nsec-fetch-site: same-origin\r\n\r\n`,
      )
      await once(socket, 'readable')
      expect(`${socket.read(15)}`).toBe('HTTP/1.1 200 OK')
    }
  }
  const ada = await web.as('ada')
  const refused = await ada('GET', '/api/audit/export.jsonl')
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ error: { key: 'tooManyDownloads' } })
  const eve = await web.as('eve')
  // More than there are connections, at once.
  const answers = Array.from({ length: 20 }, () => statusOf(eve('GET', '/api/audit?limit=1')))
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  for (const socket of stuck) socket.destroy()
  await expect.poll(() => statusOf(ada('GET', '/api/audit/export.jsonl'))).toBe(200)
})

test('streams of one person share the bytes that are sent to them', async () => {
  const web = await startWeb(await startCluster(nobody))
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const person = { type: 'person' as const, user: 'ada', name: 'ada', groups: [] }
  const first = await Promise.all(
    [1, 2].map(async () => {
      for await (const frames of web.state.lists.follow(person, ['runs'], leaving.signal)) {
        return frames
      }
      throw new Error('The list ended.')
    }),
  )
  expect(first[0]?.[0]).toBe(first[1]?.[0])
})

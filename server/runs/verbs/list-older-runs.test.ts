import { expect, test } from 'vitest'
import { namespace as serving } from '#server/testing/runs/archive-fixture.ts'
import { startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'
import { goneRunsMax } from './list-runs.ts'

test('looking back names no run that one may not see, and comes to the end all the same', async () => {
  const own = 'research-team-a'
  const cluster = await startCluster((user, { namespace }) => user === 'root' || namespace === own)
  const web = await startWeb(cluster)
  const count = goneRunsMax * 2 + 100
  for (let i = 0; i < count; i++) {
    const createdAt = new Date(Date.UTC(2026, 0, 1) - i * 1000)
    const name = `bind-secret-${String(i).padStart(5, '0')}`
    await web.state.store.archive.saveRun({
      uid: name,
      namespace: serving,
      name,
      task: 'bind-namespace',
      state: 'succeeded',
      createdAt,
      finishedAt: createdAt,
      goneAt: createdAt,
      run: {
        apiVersion: 'tekton.dev/v1',
        kind: 'TaskRun',
        metadata: {
          namespace: serving,
          name,
          uid: name,
          creationTimestamp: createdAt.toISOString(),
        },
        spec: {},
      },
    })
  }
  const look = async (user: string) => {
    const ask = await web.as(user)
    const seen = new Set<string>()
    let place: { before: string; name: string } | undefined = {
      before: '2026-01-01T00:00:01Z',
      name: 'a',
    }
    let pages = 0
    while (place) {
      const answer = await ask('GET', `/api/runs/older?${new URLSearchParams(place)}`)
      const text = await answer.text()
      if (user !== 'root') expect(text).not.toContain('secret')
      const { runs, next } = JSON.parse(text)
      for (const { name } of runs) seen.add(name)
      place = next
      if (++pages > 10) throw new Error('It does not come to an end.')
    }
    return seen.size
  }
  expect(await look('ada')).toBe(0)
  expect(await look('root')).toBe(count)
})

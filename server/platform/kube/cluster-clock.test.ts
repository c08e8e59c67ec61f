import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { createClusterClock } from './cluster-clock.ts'
import { connectKube } from './connect-kube.ts'

/** A server whose clock is right, and a process whose clocks are as wrong as a test says. */
function scene(skewMs: number) {
  const clocks = { server: 1_800_000_000_123, monotonic: 5_000, wall: 1_800_000_000_123 + skewMs }
  let asked = 0
  const clock = createClusterClock(async () => asked++, {
    monotonic: () => clocks.monotonic,
    wall: () => clocks.wall,
  })
  const pass = (ms: number) => {
    clocks.server += ms
    clocks.monotonic += ms
    clocks.wall += ms
  }
  return {
    clocks,
    clock,
    pass,
    asked: () => asked,
    suspend(ms: number) {
      clocks.server += ms
      clocks.wall += ms
    },
    answer(thereMs: number, backMs: number) {
      const sent = clocks.monotonic
      pass(thereMs)
      const date = new Date(clocks.server).toUTCString()
      pass(backMs)
      clock.observe(date, sent, clocks.monotonic)
    },
    lagMs: () => clocks.server - clock.now().getTime(),
  }
}

test('whatever the wall clock says, it is never ahead of the server and less than a second and a trip behind', () => {
  const event = fc.record({
    thereMs: fc.integer({ min: 0, max: 400 }),
    backMs: fc.integer({ min: 0, max: 400 }),
    passMs: fc.integer({ min: 0, max: 100_000 }),
    setWallMs: fc.constantFrom(0, 0, 0, -3_600_000, -5_000, 300),
  })
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.array(event), (skewMs, events) => {
      const one = scene(skewMs)
      one.answer(0, 0)
      for (const { thereMs, backMs, passMs, setWallMs } of events) {
        one.answer(thereMs, backMs)
        one.pass(passMs)
        one.clocks.wall += setWallMs
        expect(one.lagMs()).toBeGreaterThanOrEqual(0)
        expect(one.lagMs()).toBeLessThan(1_000)
      }
    }),
  )
})

test('after a suspension the server is asked; unheard, the wall clock is believed rather than access left open', () => {
  const one = scene(-40_000)
  one.answer(1, 1)
  one.suspend(3_600_000)
  expect(one.lagMs(), 'not yet').toBeGreaterThan(3_000_000)
  expect(one.asked()).toBe(1)
  one.answer(1, 1)
  expect(one.lagMs()).toBeLessThan(1_002)

  one.suspend(3_600_000)
  one.clock.now()
  one.pass(2_100)
  expect(one.lagMs()).toBeLessThan(1_002)
  expect(one.lagMs()).toBeGreaterThanOrEqual(0)
})

test('a wall clock that was set forward expires nobody early as long as the server answers', () => {
  const one = scene(0)
  one.answer(1, 1)
  one.clocks.wall += 86_400_000
  expect(one.lagMs()).toBeGreaterThanOrEqual(0)
  one.answer(1, 1)
  one.pass(10_000)
  expect(one.lagMs()).toBeGreaterThanOrEqual(0)
})

test('a connection tells the time of the server that it talks to', async () => {
  const said = new Date('2031-05-04T03:02:01Z')
  const api = await startScripted((_request, response) => {
    response.setHeader('date', said.toUTCString())
    sendJson(response, 200, { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [] })
  })
  const kube = connectKube({ kubeconfigText: api.kubeconfig })
  expect(Math.abs(kube.now().getTime() - Date.now())).toBeLessThan(30_000)
  await kube.list({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true })
  const lagMs = kube.now().getTime() - said.getTime()
  expect(lagMs).toBeGreaterThanOrEqual(-100)
  expect(lagMs).toBeLessThan(30_000)
  await kube.close()
  await api.close()
})

import { expect, test } from 'vitest'
import { parseConfig } from '#server/config.ts'
import { openedCookies } from './opened-cookies.ts'
import { createSeal } from './seal.ts'

const seal = createSeal(parseConfig({ NEXTAUTH_SECRET: 'a secret of thirty-two characters' }))

/** What is opened of cookies at an hour of the test's own. */
function scene() {
  const clock = { nowMs: Date.now() }
  let unsealed = 0
  const open = openedCookies(
    {
      open(sealed) {
        unsealed++
        return seal.open(sealed)
      },
    },
    () => clock.nowMs,
  )
  return { clock, open, unsealed: () => unsealed }
}

test('a cookie is opened once in a minute, and no longer than it is good for', async () => {
  const { clock, open, unsealed } = scene()
  const ada = await seal.close({ session: 'of ada' }, 3600)
  const bo = await seal.close({ session: 'of bo' }, 30)
  expect(await open(ada)).toBe('of ada')
  expect(await open(bo)).toBe('of bo')
  expect(await open(ada)).toBe('of ada')
  expect(await open(bo)).toBe('of bo')
  expect(unsealed()).toBe(2)
  clock.nowMs += 40_000
  await open(ada)
  expect(unsealed()).toBe(2)
  await open(bo)
  expect(unsealed()).toBe(3)
  clock.nowMs += 40_000
  await open(ada)
  expect(unsealed()).toBe(4)
})

test('nothing is kept of what does not open', async () => {
  const { open, unsealed } = scene()
  const ada = await seal.close({ session: 'of ada' }, 3600)
  const forged = `${ada.slice(0, -4)}AAAA`
  for (const cookie of [forged, forged, '', await seal.close({ user: 'ada' }, 3600)]) {
    expect(await open(cookie)).toBeUndefined()
  }
  expect(unsealed()).toBe(4)
  expect(await open(ada)).toBe('of ada')
  expect(await open(forged)).toBeUndefined()
})

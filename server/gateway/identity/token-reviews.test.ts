import { expect, test } from 'vitest'
import { AppError } from '#server/platform/model/errors.ts'
import { gatewayAudience } from '#server/platform/model/names.ts'
import { tokenReviews } from './token-reviews.ts'

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
const startMs = Date.parse('2026-11-26T10:00:00Z')

function token(claims: object = {}) {
  return `${part({ alg: 'RS256' })}.${part({ aud: [gatewayAudience], ...claims })}.signed`
}

/** An API server that knows one account for as long as it is there, and a clock. */
function scene() {
  const world = { nowMs: startMs, isThere: true, isAway: false, asked: 0, known: /./ }
  const reviews = tokenReviews(
    {
      async reviewToken(token) {
        world.asked++
        if (world.isAway) throw new AppError('unavailable', 'The Kubernetes API does not answer.')
        return world.isThere && world.known.test(token)
          ? { user: 'system:serviceaccount:a:b', groups: [] }
          : undefined
      },
    },
    () => new Date(world.nowMs),
  )
  const said = (of: string, address = '10.0.0.1') =>
    reviews.review(of, address).then(
      ({ user }) => user,
      ({ code }) => code,
    )
  return { world, said }
}

test('an account is believed for a minute after it was last seen, and no longer than its token lasts', async () => {
  const { world, said } = scene()
  const [long, short] = [token(), token({ exp: startMs / 1000 + 30 })]
  for (const one of [long, short, long, short]) expect(await said(one)).toMatch(/^system:/)
  expect(world.asked).toBe(2)
  world.isThere = false
  world.nowMs += 31_000
  expect([await said(long), await said(short)]).toEqual([
    'system:serviceaccount:a:b',
    'unauthenticated',
  ])
  world.nowMs += 30_000
  expect(await said(long)).toBe('unauthenticated')
})

test('a refusal stands for ten seconds; what could not be asked is asked again at once', async () => {
  const { world, said } = scene()
  world.isThere = false
  expect([await said(token()), await said(token())]).toEqual(['unauthenticated', 'unauthenticated'])
  expect(world.asked).toBe(1)
  world.isThere = true
  world.nowMs += 11_000
  expect(await said(token())).toMatch(/^system:/)
  world.isAway = true
  expect(await said(token({ of: 'another' }))).toBe('unavailable')
  world.isAway = false
  expect(await said(token({ of: 'another' }))).toMatch(/^system:/)
})

test('what was made for others is refused unasked', async () => {
  const { world, said } = scene()
  for (const aud of ['https://kubernetes.default.svc', [], undefined]) {
    expect(await said(token({ aud }))).toBe('unauthenticated')
  }
  expect(await said('a.b.c')).toBe('unauthenticated')
  expect(world.asked).toBe(0)
})

test('3,000 invented tokens of one address cost 60 reviews and evict no valid token', async () => {
  const { world, said } = scene()
  const good = token({ of: 'a team' })
  expect(await said(good)).toMatch(/^system:/)
  world.known = new RegExp(good.replaceAll('.', '\\.'))
  world.asked = 0
  const codes = await Promise.all(
    Array.from({ length: 3000 }, (_, index) => said(token({ index }), '10.0.0.66')),
  )
  expect(world.asked).toBe(60)
  expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(60)
  expect(codes.filter((code) => code === 'quota-exhausted')).toHaveLength(2940)
  // The valid token is still cached, and reviewed again when its minute is over, also from that address.
  expect([await said(good), world.asked]).toEqual(['system:serviceaccount:a:b', 60])
  world.nowMs += 60_000
  expect([await said(good, '10.0.0.66'), world.asked]).toEqual(['system:serviceaccount:a:b', 61])
  // Another address has a budget of its own, and this one gets a review back each second.
  expect(await said(token({ index: 'other' }), '10.0.0.67')).toBe('unauthenticated')
  world.nowMs += 1_000
  expect(await said(token({ index: 'later' }), '10.0.0.66')).toBe('unauthenticated')
})

test('valid tokens do not use up the budget of their address, and what has expired is refused unasked', async () => {
  const { world, said } = scene()
  for (let index = 0; index < 200; index++) expect(await said(token({ index }))).toMatch(/^system:/)
  expect(world.asked).toBe(200)
  expect(await said(token({ exp: startMs / 1000 - 61 }))).toBe('unauthenticated')
  expect(await said(token({ exp: 'soon' }))).toMatch(/^system:/)
  expect(world.asked).toBe(201)
})

import { encode } from 'next-auth/jwt'
import { expect, test } from 'vitest'
import { parseConfig } from '#server/config.ts'
import { createSessions } from './session.ts'

const secret = 'a secret of at least thirty-two characters'
const config = parseConfig({ NEXTAUTH_SECRET: secret })
const ada = { user: 'ada', name: 'Ada', groups: ['research-team-a'] }

test('a sealed cookie is a person, whole or in chunks, beside other cookies', async () => {
  const sessions = createSessions(config)
  const token = await encode({ token: ada, secret })
  const person = { type: 'person', ...ada }
  expect(await sessions.personOf(`a=b; next-auth.session-token=${token}`)).toEqual(person)
  const chunks = `next-auth.session-token.0=${token.slice(0, 90)}; next-auth.session-token.1=${token.slice(90)}`
  expect(await sessions.personOf(chunks)).toEqual(person)
})

test('no cookie, a forged one, one sealed by another, an ended one: nobody', async () => {
  const sessions = createSessions(config)
  const other = await encode({ token: ada, secret: 'another secret, thirty-two characters' })
  const ended = await encode({ token: ada, secret, maxAge: -60 })
  const strange = await encode({ token: { name: 'Ada' }, secret })
  for (const token of ['forged', other, ended, strange, '']) {
    expect(await sessions.personOf(`next-auth.session-token=${token}`)).toBeUndefined()
  }
  expect(await sessions.personOf(undefined)).toBeUndefined()
})

test('behind https only the secure cookie counts', async () => {
  const sessions = createSessions(
    parseConfig({ NEXTAUTH_SECRET: secret, NEXTAUTH_URL: 'https://bindery.example.org' }),
  )
  const token = await encode({ token: ada, secret })
  expect(await sessions.personOf(`next-auth.session-token=${token}`)).toBeUndefined()
  expect(await sessions.personOf(`__Secure-next-auth.session-token=${token}`)).toMatchObject(ada)
})

test('without a secret nothing is signed in, and the reason is said', () => {
  expect(() => createSessions(parseConfig({}))).toThrow(/NEXTAUTH_SECRET/)
})

import { expect, test } from 'vitest'
import { personOfClaims } from './oidc-claims.ts'

const names = {
  OIDC_ISSUER: 'https://sso.example.org',
  OIDC_USERNAME_CLAIM: 'sub',
  OIDC_USERNAME_PREFIX: undefined,
  OIDC_GROUPS_CLAIM: 'groups',
  OIDC_GROUPS_PREFIX: '',
  OIDC_GROUPS_KEEP: '*',
}

test('a name carries its issuer, unless it is an address or the prefix says otherwise', () => {
  const claims = { sub: '42', email: 'ada@example.org', name: 'Ada' }
  expect(personOfClaims(claims, names)).toMatchObject({
    user: 'https://sso.example.org#42',
    name: 'Ada',
  })
  expect(personOfClaims(claims, { ...names, OIDC_USERNAME_CLAIM: 'email' })).toMatchObject({
    user: 'ada@example.org',
  })
  expect(personOfClaims(claims, { ...names, OIDC_USERNAME_PREFIX: '-' })).toMatchObject({
    user: '42',
  })
  expect(personOfClaims(claims, { ...names, OIDC_USERNAME_PREFIX: 'oidc:' })).toMatchObject({
    user: 'oidc:42',
  })
})

test('groups may be one or many; only those that matter are kept', () => {
  const claims = { sub: '42', groups: ['team-a', 'team-b', 'everyone', 7, ''] }
  expect(
    personOfClaims(claims, {
      ...names,
      OIDC_GROUPS_KEEP: 'oidc:team-*, oidc:admins',
      OIDC_GROUPS_PREFIX: 'oidc:',
    }),
  ).toMatchObject({ groups: ['oidc:team-a', 'oidc:team-b'] })
  // A star stands for anything, everything else for itself and from end to end.
  const likely = ['team.a', 'teamXa', 'xteam.a', 'team.ab']
  expect(
    personOfClaims({ sub: '42', groups: likely }, { ...names, OIDC_GROUPS_KEEP: 'team.a' }),
  ).toMatchObject({ groups: ['team.a'] })
  expect(personOfClaims({ sub: '42', groups: 'solo' }, names)).toMatchObject({ groups: ['solo'] })
  expect(personOfClaims({ sub: '42' }, names)).toMatchObject({ groups: [] })
})

test('nobody becomes a part of the system by what a provider says', () => {
  const bare = { ...names, OIDC_USERNAME_PREFIX: '-' }
  expect(personOfClaims({ sub: 'system:admin' }, bare)).toEqual({ refused: 'ReservedName' })
  expect(personOfClaims({ sub: 'a', groups: ['system:masters', 'b'] }, bare)).toMatchObject({
    groups: ['b'],
  })
})

test('what cannot be a person is refused with a reason', () => {
  const byEmail = { ...names, OIDC_USERNAME_CLAIM: 'email' }
  for (const email of [undefined, '', 42]) {
    expect(personOfClaims({ sub: '42', email }, byEmail)).toEqual({ refused: 'NoUserName' })
  }
  expect(personOfClaims({ email: 'a@b.c', email_verified: false }, byEmail)).toEqual({
    refused: 'EmailNotVerified',
  })
  const groups = Array.from({ length: 300 }, (_, index) => `department-${index}`)
  expect(personOfClaims({ sub: '42', groups }, names)).toEqual({ refused: 'TooManyGroups' })
})

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
  const groups = [
    'system:masters',
    'System:masters',
    'bindery:auto',
    'b',
    'b\u200b',
    'c\nd',
    'x'.repeat(300),
  ]
  expect(personOfClaims({ sub: 'a', groups }, bare)).toMatchObject({ groups: ['b'] })
  for (const sub of ['bindery:auto', 'bindery:controller', 'Bindery:auto', 'SYSTEM:admin']) {
    expect(personOfClaims({ sub }, bare)).toEqual({ refused: 'ReservedName' })
  }
  expect(personOfClaims({ sub: 'bindery-lover' }, bare)).toMatchObject({ user: 'bindery-lover' })
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

test.each([
  ['a line break', 'ada\nadmin'],
  ['a carriage return', 'ada\r'],
  ['a NUL', 'ada\0'],
  ['a terminal escape', 'ada\u001b[31m'],
  ['a right-to-left mark', 'ada\u200f'],
  ['a right-to-left override', '\u202eada'],
  ['an isolate', 'ada\u2066x\u2069'],
  ['a zero-width space', 'a\u200bda'],
  ['a zero-width joiner', 'a\u200dda'],
  ['a word joiner', 'a\u2060da'],
  ['a byte order mark', '\ufeffada'],
  ['a soft hyphen', 'a\u00adda'],
  ['a variation selector', 'ada\ufe0f'],
  ['a Hangul filler', 'ada\u3164'],
  ['a tag character', 'ada\u{e0061}'],
  ['a line separator', 'ada\u2028'],
  ['a no-break space', 'ada\u00a0okafor'],
  ['a private character', 'ada\ue000'],
  ['a half of a pair', 'ada\ud800'],
  ['a space at its end', 'ada '],
  ['300,000 characters', 'a'.repeat(300_000)],
])('a user name with %s is refused', (_, sub) => {
  expect(personOfClaims({ sub }, names)).toEqual({ refused: 'UnreadableName' })
})

test.each(['ada', 'Ada Okafor', 'ада', '陈小明', 'aurélie@example.org', "o'neill", '42'])(
  'a user name like %s is taken as it is',
  (sub) => {
    expect(personOfClaims({ sub }, names)).toMatchObject({ user: `https://sso.example.org#${sub}` })
  },
)

test('a display name is one line that shows what it holds, of at most 100 characters', () => {
  const shown = (name: string) => {
    const person = personOfClaims({ sub: '42', name, email: 'ada@example.org' }, names)
    return 'name' in person ? person.name : person.refused
  }
  expect(shown('Ada\n\tOkafor\u001b[31m')).toBe('Ada Okafor [31m')
  expect(shown('\u202eadA\u200b \u2066Okafor\u2069\ufeff')).toBe('adA Okafor')
  expect(shown('می\u200cخواهم')).toBe('می\u200cخواهم')
  expect(shown('Ada\u200d\u200d')).toBe('Ada')
  expect(shown('\u200b\n ')).toBe('ada@example.org')
  expect(shown('Ada\ud800')).toBe('Ada\ufffd')
  expect([...shown('好'.repeat(300_000))]).toHaveLength(100)
  expect(shown('好'.repeat(300_000)).at(-1)).toBe('…')
})

test('groups that a provider keeps to itself are not taken for none', () => {
  const reference = {
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: 'x' } },
  }
  for (const claims of [reference, { hasgroups: true }, { hasgroups: 'true' }]) {
    expect(personOfClaims({ sub: '42', ...claims }, names)).toEqual({ refused: 'GroupsNotListed' })
    expect(personOfClaims({ sub: '42', ...claims, groups: ['a'] }, names)).toMatchObject({
      groups: ['a'],
    })
  }
  const roles = { ...names, OIDC_GROUPS_CLAIM: 'roles' }
  expect(personOfClaims({ sub: '42', ...reference }, roles)).toMatchObject({ groups: [] })
  expect(personOfClaims({ sub: '42', _claim_names: { roles: 'a' } }, roles)).toEqual({
    refused: 'GroupsNotListed',
  })
})

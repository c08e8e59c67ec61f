import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor, withoutLastWord } from './redact.ts'
import { customRule } from './redaction-rules.ts'

function redact(...lines: string[]): string[] {
  const redactor = createRedactor()
  return lines.map((line) => redactor.line(line))
}

const characters = (set: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...set), minLength, maxLength })
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const letters = `${upper}abcdefghijklmnopqrstuvwxyz`
const url64 = `${letters}_-`

/** A secret, and a line of a log in which it stands. */
const leaks = fc.oneof(
  fc
    .tuple(characters(url64, 20, 60), characters(url64, 20, 60), characters(url64, 20, 60))
    .map((parts) => `eyJ${parts.join('.')}`)
    .map((secret) => ({ secret, line: `token of the account is ${secret} now` })),
  characters(letters, 20, 80).map((secret) => ({
    secret,
    line: `> Authorization: Bearer ${secret}`,
  })),
  characters(letters, 20, 80).map((secret) => ({
    secret,
    line: `"authorization":"Basic ${secret}"`,
  })),
  characters(letters, 20, 80).map((secret) => ({ secret, line: `curl -H 'X: bearer ${secret}'` })),
  characters(upper, 16).map((id) => ({ secret: `AKIA${id}`, line: `using AKIA${id} for s3` })),
  characters(url64, 35).map((id) => ({ secret: `AIza${id}`, line: `?key=AIza${id}` })),
  characters(letters, 36).map((id) => ({ secret: `ghp_${id}`, line: `git clone with ghp_${id}` })),
  characters(`${letters}-`, 20).map((id) => ({ secret: `xoxb-${id}`, line: `slack xoxb-${id}.` })),
  characters(letters, 40).map((secret) => ({
    secret,
    line: `https://b.core/x?sv=1&sig=${secret}`,
  })),
  characters(`${letters}!$%&()=?;,.@`, 8, 30).map((secret) => ({
    secret,
    line: `postgres://bindery:${secret}@db.example:5432/bindery`,
  })),
  fc
    .tuple(
      fc.constantFrom('DB_PASSWORD', 'aws_secret_access_key', 'API_KEY', 'AccountKey', 'GH_TOKEN'),
      characters(`${letters}/+=!$;,&`, 8, 40),
    )
    .chain(([name, secret]) =>
      fc
        .constantFrom(
          `${name}=${secret}`,
          `export ${name}=${secret}`,
          `connecting with ${name}=${secret} to it`,
          `${name}: ${secret}`,
          `{"user":"a","${name}":"${secret}","port":1}`,
          `{\\"${name}\\":\\"${secret}\\"}`,
          `--set ${name}='${secret}'`,
        )
        .map((line) => ({ secret, line })),
    ),
)

test('no secret is left in a line, wherever it stands; what was redacted stays as it is', () => {
  const around = fc.string({ unit: fc.constantFrom(...'abc xyz,.{"'), maxLength: 20 })
  fc.assert(
    fc.property(leaks, around, around, ({ secret, line }, before, after) => {
      for (const text of [line, `${before} ${line} ${after}`]) {
        const [out = ''] = redact(text)
        expect(out).not.toContain(secret)
        expect(redact(out)).toEqual([out])
      }
    }),
    { numRuns: 500 },
  )
})

test('a private key is hidden over all its lines, what stands around it is not', () => {
  const key = [
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEow',
    'IBAAK',
    '-----END RSA PRIVATE KEY-----',
  ]
  const mask = '[redacted:private-key]'
  expect(redact('a', ...key, 'b')).toEqual(['a', mask, mask, mask, mask, 'b'])
  expect(redact(`key ${key.join('\\n')} read`)).toEqual([`key ${mask} read`])
  expect(redact(`INFO x ${key[0]}`, 'INFO x MIIE', `INFO x ${key[3]} done`)).toEqual([
    `INFO x ${mask}`,
    mask,
    `${mask} done`,
  ])
  // Taken up in the middle of one, as a process does that follows another.
  const first = createRedactor()
  for (const line of key.slice(0, 2)) first.line(line)
  const second = createRedactor([], first.state())
  expect(key.slice(2).map((line) => second.line(line))).toEqual([mask, mask])
  expect(second.line('b')).toBe('b')
})

test('a key whose end never comes does not hide the rest of a log', () => {
  const lines = redact('-----BEGIN PRIVATE KEY-----', ...Array.from({ length: 600 }, () => 'x'))
  expect(lines.at(-1)).toBe('x')
})

test('what is no secret is left alone', () => {
  const lines = [
    'max_tokens=256 completion_tokens: 1234 tokens_per_second=50.2',
    'eos_token=151643',
    'tokenizer: Qwen2Tokenizer, passwordless login',
    'secret "bindery-database" not found',
    'PASSWORD=',
    '{"password":null,"token":""}',
    'the bearer of this message, bearer authentication',
    'https://example.com:8080/a@b http://user@host/',
    'git commit 3f786850e387550fdab836ed7e6dc881de23001b',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'use std::Secret::new()',
    '\u001b[32mok\u001b[0m',
  ]
  expect(redact(...lines)).toEqual(lines)
})

test('at the cut of a line that was too long nothing is left of what may be half a secret', () => {
  const line = `${'word '.repeat(2_000)}ghp_${'a'.repeat(20)}`
  expect(withoutLastWord(line)).toBe('word '.repeat(2_000))
  expect(withoutLastWord('x'.repeat(20_000))).toHaveLength(20_000 - 8_192)
})

test('administrators add rules; the first group is what is hidden', () => {
  const redactor = createRedactor([
    customRule('staff', 'EMP-(\\d{6})'),
    customRule('project', 'apollo-\\w+'),
  ])
  expect(redactor.line('EMP-123456 EMP-654321 on apollo-x1')).toBe(
    'EMP-[redacted:staff] EMP-[redacted:staff] on [redacted:project]',
  )
  for (const pattern of ['(', 'a*', 'x(?=y)', 'x'.repeat(2_000)]) {
    expect(() => customRule('bad', pattern)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    )
  }
})

test('long lines made to be slow are not', () => {
  const hostile = [
    'x'.repeat(1_000_000),
    'password'.repeat(100_000),
    `password="${'\\'.repeat(500_000)}`,
    '://a:'.repeat(150_000),
    'x://'.repeat(200_000),
    `bearer ${'a.'.repeat(300_000)} `,
    `${'eyJaaaaaaaa.'.repeat(60_000)}`,
    `authorization:${' '.repeat(500_000)}`,
    `${'a-'.repeat(300_000)}secret=`,
    '-----BEGIN '.repeat(60_000),
  ]
  const redactor = createRedactor([customRule('slow', '(a+)+b')])
  for (const line of hostile) {
    const startedMs = performance.now()
    redactor.line(line)
    withoutLastWord(line)
    expect([line.slice(0, 12), performance.now() - startedMs < 20_000]).toEqual([
      line.slice(0, 12),
      true,
    ])
  }
})

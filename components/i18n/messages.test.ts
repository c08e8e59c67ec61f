import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requestMessages } from '#server/access/model/request-schema.ts'
import { languages } from './languages.ts'

const folder = join(import.meta.dirname, 'messages')

function flatten(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  return Object.entries(value as object).flatMap(([key, inner]) =>
    flatten(inner, path ? `${path}.${key}` : key),
  )
}

function messagesOf(language: string): Map<string, string> {
  const files = readdirSync(join(folder, language))
  return new Map(
    files.flatMap((file) =>
      flatten(JSON.parse(readFileSync(join(folder, language, file), 'utf8')), file),
    ),
  )
}

/** The arguments of a message: `{name}`, `{count, plural, …}`, `<link>…</link>`. */
function argumentsOf(message: string): string[] {
  const names = [...message.matchAll(/\{(\w+)\s*[,}]/g), ...message.matchAll(/<(\w+)>/g)]
  return [...new Set(names.map((match) => match[1] ?? ''))].sort()
}

const english = messagesOf('en')

for (const language of languages.filter((name) => name !== 'en')) {
  test(`${language} says everything that English says, with the same arguments`, () => {
    const other = messagesOf(language)
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort())
    for (const [key, message] of english) {
      expect(argumentsOf(other.get(key) ?? ''), key).toEqual(argumentsOf(message))
    }
  })
}

test('no message is empty', () => {
  for (const language of languages) {
    for (const [key, message] of messagesOf(language)) expect(message.trim(), key).not.toBe('')
  }
})

test('every message of the request schema has its words', () => {
  for (const key of Object.keys(requestMessages)) {
    expect(english.has(`errors.json.${key}`), key).toBe(true)
  }
})

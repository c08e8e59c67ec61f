import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, 'messages/en')

/** What no stranger would search for, and what stands for it. */
const refused: [RegExp, string][] = [
  [/\basks? for (access|a change)\b/i, 'request'],
  [/\bwaits? for a decision\b/i, 'pending approval'],
  [/\bbeing (prepared|set up|taken away)\b/i, 'preparing, provisioning, revoking'],
  [/\bproven to be gone\b/i, 'removal verified'],
  [/\bgives? back\b/i, 'release'],
  [/\bin the hall\b/i, 'projector view'],
  [/\bends soon\b/i, 'expiring soon'],
  [/\bheld up\b/i, 'blocked'],
  [/\btokens of thought\b/i, 'reasoning tokens'],
  [/\bended it by itself\b/i, 'finished'],
  [/\banswers at once\b/i, 'concurrent requests'],
  [/\b(whoever|anew|tidings)\b/i, 'anyone, again, updates'],
  [/\bthat did not work\b/i, 'the cause, and what to do'],
]

function textsOf(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  return Object.entries(value ?? {}).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`))
}

test.each(readdirSync(folder))(
  '%s has none of the words that a stranger could not search for',
  (name) => {
    const texts = textsOf(JSON.parse(readFileSync(join(folder, name), 'utf8')), name)
    const found = texts.flatMap(([path, text]) =>
      refused.flatMap(([words, instead]) =>
        words.test(text) ? [`${path}: ${text} (${instead})`] : [],
      ),
    )
    expect(found).toEqual([])
  },
)

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readMath } from './math-spans.ts'

const formulas = (text: string) =>
  readMath(text).spans.flatMap((span) => (span.kind === 'formula' ? span.tex : []))

/** The rows of the table of decisions: what was written, and its formulas. */
const rows = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => line.split(/ \| /).map((cell) => cell.replace(/^\| |\s*\|$/g, '').trim()))
  .map(([written = '', found = ''] = []) => ({
    written: written.replace(/^`+ ?| ?`+$/g, ''),
    found: found === 'none' ? [] : found.split(', ').map((one) => one.replace(/^`+ ?| ?`+$/g, '')),
  }))

test('the table of decisions has examples', () => {
  expect(rows.length).toBeGreaterThan(40)
})

test.each(rows)('$written has the formulas $found', ({ written, found }) => {
  expect(formulas(written)).toEqual(found)
})

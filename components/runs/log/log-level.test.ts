import { expect, test } from 'vitest'
import { levelOf } from './log-level.ts'

test.each([
  ['Error: no signatures found', 'error'],
  ['main.go:12: error: cannot open', 'error'],
  ['2026-11-26T10:00:00Z ERROR the pool is empty', 'error'],
  ['{"level":"warn","msg":"slow"}', 'warn'],
  ['{"level":50,"time":1,"msg":"x"}', 'error'],
  ['{"severity": "INFO", "message": "error in its text is no level"}', 'info'],
  ['time="2026-01-01" level=warning msg="late"', 'warn'],
  ['E1123 18:18:05.000000       1 reflector.go:1] failed', 'error'],
  ['W1123 18:18:05.000000       1 reflector.go:1] late', 'warn'],
  ['[debug] opening', 'debug'],
  ['::error file=a.ts,line=1::does not compile', 'error'],
  ['::warning::soon gone', 'warn'],
  ['npm ERR! code E404', 'error'],
  ['panic: runtime error', 'error'],
  ['Error from server (Forbidden): deployments.apps "x" is forbidden', 'error'],
  ['Warning  FailedScheduling  0/1 nodes are available', 'warn'],
  ['✗ The plan is not the one that was approved: its digest differs.', 'error'],
])('%s is of level %s', (text, level) => {
  expect(levelOf(text)).toBe(level)
})

test.each([
  'line 5 of 400',
  'no error was found in this file',
  'The information desk',
  'Errors are counted below',
  'Downloading errors.json',
  '',
])('%s says no level', (text) => {
  expect(levelOf(text)).toBeUndefined()
})

test('a long line costs no more than its beginning', () => {
  const long = `${'x '.repeat(500_000)}ERROR`
  expect(levelOf(long)).toBeUndefined()
})

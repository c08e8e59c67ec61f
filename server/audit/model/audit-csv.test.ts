import { expect, test } from 'vitest'
import { csvHeader, csvLine } from './audit-csv.ts'
import type { AuditEvent } from './audit-record.ts'

test('a spreadsheet gets text, whatever somebody wrote into a justification', () => {
  const event: AuditEvent = {
    key: 'k',
    at: '2026-11-26T10:00:00.000Z',
    what: 'requested',
    who: '＝SUM(1+1)',
    on: { kind: 'ModelBinding', namespace: 'a', name: 'b', uid: '-1' },
    why: '=HYPERLINK("https://evil.example","click")',
    digest: 'two\r\nlines, "quoted"',
  }
  const content = { ...event, seq: 1, recordedAt: '2026-11-26T10:00:01.000Z' }
  const line = csvLine({ seq: 1, previous: 'p', hash: 'h', content })
  expect(csvHeader.split(',')).toHaveLength(18)
  expect(line).toBe(
    `1,2026-11-26T10:00:01.000Z,2026-11-26T10:00:00.000Z,requested,'＝SUM(1+1),ModelBinding,a,b,'-1,,,` +
      `"'=HYPERLINK(""https://evil.example"",""click"")","two\r\nlines, ""quoted""",,,,p,h\r\n`,
  )
})

test.each([
  ['a;=1+1', `"a;'=1+1"`],
  ['a; @SUM(1)', `"a; '@SUM(1)"`],
  ['a\t=1+1', `"a\t'=1+1"`],
  ['a\n-1', `"a\n'-1"`],
  ['\t=1+1', `"'\t'=1+1"`],
  ['  =1+1', `  '=1+1`],
  ['a = b; c - d', `"a = b; c - d"`],
])('no cell begins with a formula where a separator is another: %j', (why, cell) => {
  const on = { kind: 'ModelBinding', namespace: 'a', name: 'b', uid: 'u' } as const
  const content = {
    ...{ key: 'k', at: 'x', what: 'requested' as const, who: 'w', on, why },
    ...{ seq: 1, recordedAt: 'y' },
  }
  expect(csvLine({ seq: 1, previous: 'p', hash: 'h', content })).toContain(`,${cell},`)
})

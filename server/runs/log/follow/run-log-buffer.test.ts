import { expect, test } from 'vitest'
import { piecesOf } from '#server/runs/model/log-entry.ts'
import { createRunLogBuffer } from './run-log-buffer.ts'

const at = '2026-11-24T00:00:00Z'

test('rows keep their numbers when older ones are dropped', () => {
  const buffer = createRunLogBuffer(1000)
  for (let index = 1; index <= 100; index++) {
    buffer.push([{ step: 's', at, count: index, text: String(index) }])
  }
  const bytes = buffer.bytes()
  buffer.dropBefore(1051)
  expect(buffer.bytes()).toBeLessThan(bytes / 1.9)
  expect([buffer.first(), buffer.next()]).toEqual([1051, 1101])
  expect(buffer.read(1001, 10)).toEqual([])
  expect(buffer.read(1100, 10)).toMatchObject([{ row: 1100, text: '100' }])
})

test('what is read ends where a whole line ends', () => {
  const buffer = createRunLogBuffer()
  buffer.push(piecesOf({ step: 's', at, count: 1, text: `${'x'.repeat(40_000)}😀`.repeat(2) }))
  buffer.push([{ step: 's', at, count: 2, text: 'next' }])
  const rows = buffer.read(1, 2)
  expect(rows.length).toBeGreaterThan(4)
  expect(rows.map((row) => ('text' in row ? row.text : '')).join('')).toBe(
    `${'x'.repeat(40_000)}😀`.repeat(2),
  )
  expect(buffer.read(rows.length + 1, 2)).toMatchObject([{ text: 'next' }])
})

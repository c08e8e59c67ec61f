import { expect, test } from 'vitest'
import { safeReturn } from './safe-return.ts'

test('a path of this site is kept with its query', () => {
  expect(safeReturn('/runs?state=failed#L3')).toBe('/runs?state=failed#L3')
})

test.each([
  null,
  '',
  'https://evil.example/x',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  'http://[',
])('anything else leads home: %s', (wanted) => {
  expect(safeReturn(wanted)).toBe('/access')
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownPath } from './same-site-path.ts'

const origin = 'https://bindery.example.org'

test('a path stays one, with its query and fragment', () => {
  expect(ownPath('/runs?state=failed#L3', origin)).toBe('/runs?state=failed#L3')
  expect(ownPath(`${origin}/runs`, origin)).toBe('/runs')
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  'https://evil.example/x',
  'https://bindery.example.org.evil.example/',
  'https://bindery.example.org@evil.example/',
  'http://bindery.example.org/',
  'javascript:alert(1)',
  'http://[',
])('%j leads away', (wanted) => {
  expect(ownPath(wanted, origin)).toBeUndefined()
})

test('whatever is written, what comes back leads to this site, also when it is read again', () => {
  const piece = fc.constantFrom(...'/\\.\t\n\r:@?#%', '..', '//', 'evil.example', 'http:', '%2f')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = ownPath(pieces.join(''), origin)
      if (path === undefined) return
      expect(new URL(path, origin).origin).toBe(origin)
      expect(ownPath(path, origin)).toBe(path)
    }),
  )
})

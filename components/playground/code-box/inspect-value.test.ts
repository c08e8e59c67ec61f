import { format } from 'node:util'
import { expect, test } from 'vitest'
import { formatArguments } from './inspect-value.ts'
import { parseWorkerMessage } from './worker-message.ts'

function double(x: number) {
  return 2 * x
}

test.each([
  [['text', 1, -0, 2n, null, undefined, true, Symbol('s')]],
  [[[1, 'a', [2, [3, [4, [5]]]]]]],
  [[{ a: 1, 'b-c': 'x', d: { e: { f: { g: 1 } } } }]],
  [[[], {}, new Map(), new Set()]],
  [[new Map([['a', 1]]), new Set([1, 'b'])]],
  [[double, { double }, /x/g]],
  [['%s is %d, %i, %f and %j%%', 'a', 1, 2.5, 3.5, { a: 1 }, 'more']],
  [['%s', 1, { a: 'b' }]],
  [['it is "quoted"', ["it's", 'a "b"', `both ' and "`]]],
  [[new Date(0), [new Date(0)]]],
  [[new Uint8Array([1, 2]), Object.create(null)]],
])('values are printed as Node prints them, case %#', (given) => {
  expect(formatArguments(given)).toBe(format(...given))
})

test('what goes in circles, or never ends, is printed to its bound', () => {
  const circle: { self?: object } = {}
  circle.self = circle
  expect(formatArguments([circle])).toContain('[Circular')
  expect(formatArguments([Array.from({ length: 500 }, (_, i) => i)])).toContain('400 more items')
})

test('of what a worker sends only what it may say is heard, and the rest of it dropped', () => {
  expect(parseWorkerMessage(['out', 'a'])).toEqual({ stream: 'out', text: 'a' })
  expect(parseWorkerMessage(['ready'])).toBe('ready')
  expect(
    parseWorkerMessage([
      'end',
      { isError: true, exitCode: 1, hint: 'module', name: 'x'.repeat(999) },
    ]),
  ).toEqual({ how: 'error', exitCode: 1, hint: { key: 'module', name: 'x'.repeat(100) } })
  expect(parseWorkerMessage(['end', { exitCode: 1.5, hint: '<b>' }])).toEqual({ how: 'done' })
  for (const bad of [undefined, 'ready', { how: 'stopped' }, ['out', {}], ['end'], ['page', 'x']]) {
    expect(parseWorkerMessage(bad)).toBeUndefined()
  }
})

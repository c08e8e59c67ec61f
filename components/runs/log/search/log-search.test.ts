import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLogBuffer } from '#components/runs/log/log-buffer.ts'
import { logMatcher } from '#server/runs/model/search-log.ts'
import { type Found, followSearch } from './follow-search.ts'
import { createSearchIndex, type SearchAnswer, type SearchAsk } from './search-index.ts'
import { noSearch, type Pattern, patternOf, type SearchWish } from './search-pattern.ts'

function wish(text: string, more: Partial<SearchWish> = {}): SearchWish {
  return { ...noSearch, text, ...more }
}

function pattern(text: string, more: Partial<SearchWish> = {}): Pattern {
  const made = patternOf(wish(text, more), logMatcher)
  if (!made || made instanceof Error) throw new Error(`no pattern: ${made}`)
  return made
}

test.each([
  ['error', {}, 'An ERROR here', true],
  ['error', { case: true }, 'An ERROR here', false],
  ['error', { word: true }, 'two errors', false],
  ['error', { word: true }, 'one error.', true],
  ['数', { word: true }, '参数 数', true],
  ['a.c', {}, 'abc', false],
  ['a.c', { regex: true }, 'xABCx', true],
  ['a.c', { word: true }, 'a.c', true],
  ['^line \\d+$', { regex: true }, 'line 12', true],
  ['b|c', { regex: true, word: true }, 'abc', false],
])('%s as %o in "%s": %s', (text, more, line, expected) => {
  expect(pattern(text, more).matches(line)).toBe(expected)
})

test('the places of plain matches are where the text is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 3 }), fc.string(), (text, line) => {
      for (const more of [{ case: true }, { case: true, word: true }]) {
        for (const [from, to] of pattern(text, more).ranges(line)) {
          expect(line.slice(from, to)).toBe(text)
        }
      }
    }),
  )
})

test('what is no expression says why', () => {
  expect(patternOf(wish('(', { regex: true }), logMatcher)).toBeInstanceOf(Error)
  expect(patternOf(wish('(', { regex: true }))).toBeUndefined()
})

/** A worker's place taken by the same code in this thread; `held` keeps what is asked until it is let go. */
function openHere() {
  const port = {
    onmessage: null as ((event: MessageEvent<SearchAnswer>) => void) | null,
    terminated: false,
    postMessage: (ask: SearchAsk) => hear(ask),
    terminate() {
      port.terminated = true
    },
  }
  const hear = createSearchIndex((answer) =>
    port.onmessage?.({ data: answer } as MessageEvent<SearchAnswer>),
  )
  return port
}

test('however lines come and questions change, the last question is answered for all lines', () => {
  const batches = fc.array(
    fc.array(fc.constantFrom('a', 'b', 'A b', 'ab', '\u001b[31mb\u001b[0m'), { maxLength: 9 }),
  )
  const questions = fc.array(fc.constantFrom('', 'a', 'b', 'ab'), { minLength: 1 })
  fc.assert(
    fc.property(batches, questions, (lines, asked) => {
      const buffer = createLogBuffer((notify) => notify())
      const waiting: (() => void)[] = []
      let last: Found = { lines: [], state: 'done' }
      const search = followSearch(
        openHere,
        (found) => {
          last = found
        },
        (act, ms) => ms === 0 && waiting.push(act),
      )
      lines.forEach((texts, turn) => {
        buffer.append(texts.map((text) => ({ row: 0, step: 's', at: '', text })))
        search.feed(buffer.lines())
        search.search(wish(asked[turn % asked.length] ?? ''))
        if (turn % 2) waiting.shift()?.()
      })
      const final = asked.at(-1) ?? ''
      search.search(wish(final))
      while (waiting.length > 0) waiting.shift()?.()
      const all = lines.flat()
      const plain = all.map((text) => text.replace('\u001b[31m', '').replace('\u001b[0m', ''))
      expect(last.lines).toEqual(
        plain.flatMap((text, index) =>
          final && text.toLowerCase().includes(final) ? [index] : [],
        ),
      )
      expect(last.state).toBe('done')
    }),
    { numRuns: 200 },
  )
})

test('a worker that does not answer is ended, and the next question gets another', () => {
  const ports: ReturnType<typeof openHere>[] = []
  const timers: (() => void)[] = []
  let last: Found | undefined
  const search = followSearch(
    () => {
      const port = openHere()
      if (ports.length === 0) port.postMessage = () => {}
      ports.push(port)
      return port
    },
    (found) => {
      last = found
    },
    (act) => timers.push(act),
  )
  const buffer = createLogBuffer((notify) => notify())
  buffer.append([{ row: 1, step: 's', at: '', text: 'aaaa' }])
  search.feed(buffer.lines())
  search.search(wish('(a+)+b', { regex: true }))
  for (let i = 0; i < 6; i++) timers.shift()?.()
  expect(last).toEqual({ lines: [], state: 'slow' })
  expect(ports[0]?.terminated).toBe(true)
  search.search(wish('a'))
  for (let i = 0; i < 6; i++) timers.shift()?.()
  expect(last).toEqual({ lines: [0], state: 'done' })
})

test('a worker that stands still at a line that comes later is ended as well', () => {
  const timers: (() => void)[] = []
  const run = () => {
    for (let i = 0; i < 6; i++) timers.shift()?.()
  }
  let deaf = false
  let last: Found | undefined
  const port = openHere()
  const { postMessage } = port
  port.postMessage = (ask) => {
    if (!deaf) postMessage(ask)
  }
  const search = followSearch(
    () => port,
    (found) => {
      last = found
    },
    (act) => timers.push(act),
  )
  const buffer = createLogBuffer((notify) => notify())
  const line = { row: 1, step: 's', at: '', text: 'a' }
  buffer.append([line])
  search.feed(buffer.lines())
  search.search(wish('a'))
  run()
  expect(last).toEqual({ lines: [0], state: 'done' })

  deaf = true
  buffer.append([{ ...line, row: 2 }])
  search.feed(buffer.lines())
  run()
  expect(last?.state).toBe('slow')
  expect(port.terminated).toBe(true)
})

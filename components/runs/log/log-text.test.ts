import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexOfRow } from './line-index.ts'
import { lineTime } from './line-times.ts'
import { type BufferedLine, createLogBuffer } from './log-buffer.ts'
import { plainText } from './log-text.ts'
import { ansiSpans } from './rows/ansi-spans.ts'
import { createVisibleRows, type RowFilter } from './rows/visible-rows.ts'

const line = fc.record({
  row: fc.constant(0),
  step: fc.constantFrom('one', 'two'),
  at: fc.constant('2026-01-01T00:00:00.000000001Z'),
  text: fc.constantFrom('', 'a', 'ERROR a', '{"level":"warn"}', '::group::Build', '::endgroup::'),
})

test('however the lines are cut into batches, the buffer holds the same lines, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(line)), (batches) => {
      const cut = createLogBuffer((notify) => notify())
      for (const batch of batches) cut.append(batch)
      const whole = createLogBuffer((notify) => notify())
      whole.append(batches.flat())
      expect(cut.lines()).toEqual(whole.lines())
      expect(cut.levels()).toEqual(whole.levels())
      expect(cut.lines()).toMatchObject(batches.flat())
    }),
  )
})

const filters: RowFilter[] = [
  { json: false, shut: new Set() },
  { step: 'one', json: false, shut: new Set() },
  { levels: new Set(['error', 'warn']), json: false, shut: new Set() },
  { json: true, shut: new Set() },
  { json: false, shut: new Set([0]) },
  { json: false, shut: new Set(), only: [0, 2, 5] },
]

test('rows that follow a growing list are those that a plain filter would keep', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(line)),
      fc.array(fc.nat(filters.length - 1), { minLength: 1 }),
      (batches, wishes) => {
        const buffer = createLogBuffer((notify) => notify())
        const visible = createVisibleRows()
        batches.forEach((batch, turn) => {
          buffer.append(batch)
          const filter = filters[wishes[turn % wishes.length] ?? 0] ?? {
            json: false,
            shut: new Set(),
          }
          const rows = visible(buffer.lines(), filter)
          const expected = buffer
            .lines()
            .flatMap((one, index) => (passes(one, index, filter) ? [index] : []))
          expect(Array.from({ length: rows.count }, (_, row) => rows.indexAt(row))).toEqual(
            expected,
          )
          expected.forEach((index, row) => {
            expect(rows.rowOf(index)).toBe(row)
          })
        })
      },
    ),
  )
})

function passes(one: BufferedLine, index: number, filter: RowFilter): boolean {
  return (
    (!filter.step || one.step === filter.step) &&
    (!filter.levels || (one.level !== undefined && filter.levels.has(one.level))) &&
    (!filter.json || one.text.startsWith('{')) &&
    (!filter.only || filter.only.includes(index)) &&
    one.text !== '::endgroup::' &&
    !(one.within !== undefined && filter.shut.has(one.within))
  )
}

test('a fold holds the lines of its own step until it is closed', () => {
  const buffer = createLogBuffer((notify) => notify())
  let row = 10
  const of = (step: string, text: string) => ({ row: ++row, step, at: '', text })
  buffer.append([
    of('a', '::group::Install'),
    of('b', 'beside'),
    of('a', 'inside'),
    of('a', '::endgroup::'),
    of('a', 'after'),
  ])
  expect(buffer.lines().map(({ within }) => within)).toEqual([
    undefined,
    undefined,
    11,
    11,
    undefined,
  ])
  expect(buffer.folds()).toEqual([11])
})

test('colours become spans whose text is the line without its sequences', () => {
  const spans = ansiSpans('ok \u001b[1;31mfailed\u001b[0m end')
  expect(spans.map(({ text }) => text).join('')).toBe('ok failed end')
  expect(spans.find(({ text }) => text === 'failed')).toMatchObject({
    bold: true,
    color: 'var(--color-ansi-red)',
  })
})

test.each([
  ['\u001b[94mx', 'var(--color-ansi-bright-blue)'],
  ['\u001b[38;5;196mx', 'rgb(255, 0, 0)'],
  ['\u001b[38;5;244mx', 'rgb(128, 128, 128)'],
  ['\u001b[38;2;1;2;3mx', 'rgb(1, 2, 3)'],
])('16, 256 and true colours: %j is %s', (text, color) => {
  expect(ansiSpans(text)[0]?.color).toContain(color)
})

test.each([
  ['42', 'var(--color-log)', 'var(--color-ansi-green)'],
  ['97;41', 'var(--color-log)', 'var(--color-ansi-red)'],
  ['30;103', 'var(--color-log)', 'var(--color-ansi-bright-yellow)'],
  ['34;47', 'var(--color-ansi-blue)', 'var(--color-ansi-white)'],
  ['48;5;226', 'black', 'rgb(255, 255, 0)'],
  ['37;48;2;10;20;160', 'white', 'rgb(10, 20, 160)'],
])('what stands on the ground %s can be read', (code, color, background) => {
  expect(ansiSpans(`\u001b[${code}mx`)[0]).toMatchObject({ color, background })
})

test('markup in a log stays text', () => {
  expect(ansiSpans('\u001b[32m<img src=x onerror=alert(1)>\u001b[0m')[0]?.text).toBe(
    '<img src=x onerror=alert(1)>',
  )
})

test.each([
  ['\u001b]8;;https://example.com/x\u001b\\a link\u001b]8;;\u001b\\ after', 'a link after'],
  ['\u001b]8;;https://example.com\u0007a link\u001b]8;;\u0007', 'a link'],
  ['\u001b]0;a title\u0007text', 'text'],
  ['\u001bPdevice\u001b\\text', 'text'],
  ['\u001b[1A\u001b[2Kcursor up', 'cursor up'],
  ['\u001b[?25lhidden cursor\u001b[?25h', 'hidden cursor'],
  ['\u001b[2K progress 10%\r\u001b[2K progress 99%\r\u001b[2K done', ' done'],
  ['a\r\r\rb\r\r', 'b'],
  ['\u001b(Btext\u001b7', 'text'],
  ['cut \u001b', 'cut '],
  ['cut \u001b[38;5', 'cut '],
  [
    'nul:\u0000: bell\u0007 bs:abc\b\bX tab:\tx vt:\u000b del:\u007f c1:\u009b',
    'nul:␀: bell␇ bs:abc␈␈X tab:\tx vt:␋ del:␡ c1:\ufffd',
  ],
  ['bidi: \u202eevil\u202c \u2066x\u2069', 'bidi: ⟨U+202E⟩evil⟨U+202C⟩ ⟨U+2066⟩x⟨U+2069⟩'],
  ['zwj 👩‍👩‍👧 e\u0301 한글 العربية', 'zwj 👩‍👩‍👧 e\u0301 한글 العربية'],
])('%j is read as %j, in the row, the search and the copy', (text, read) => {
  expect(plainText(text)).toBe(read)
  expect(
    ansiSpans(text)
      .map((span) => span.text)
      .join(''),
  ).toBe(read)
})

test('any text is read the same in the row and in the search', () => {
  const piece = fc.constantFrom(
    ...[
      '\u001b',
      '[',
      ']',
      '31',
      ';',
      'm',
      'K',
      '\u0007',
      '\\',
      '\r',
      'a',
      '\u202e',
      '8;;x',
      '\u001b[0m',
    ],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      const shown = ansiSpans(text)
        .map((span) => span.text)
        .join('')
      expect(shown).toBe(plainText(text))
      expect(shown).not.toContain('\u001b')
    }),
  )
})

test('a colour goes on until it is reset, over lines of its step alone', () => {
  const buffer = createLogBuffer((notify) => notify())
  const texts: [string, string][] = [
    ['a', '\u001b[31mred that is never reset'],
    ['b', 'of another step'],
    ['a', 'next line: still red\u001b[0m'],
    ['a', 'plain again'],
  ]
  buffer.append(texts.map(([step, text], i) => ({ row: i + 1, step, at: '', text })))
  const colours = buffer.lines().map((line) => ansiSpans(line.text, line.ink)[0]?.color)
  expect(colours).toEqual(['var(--color-ansi-red)', undefined, 'var(--color-ansi-red)', undefined])
})

test('levels and folds are counted of the rows that are here', () => {
  const buffer = createLogBuffer((notify) => notify(), 20)
  for (let row = 1; row <= 100; row++) {
    const text = row % 10 === 0 ? 'ERROR it failed' : row % 10 === 5 ? '::group::part' : 'fine'
    buffer.append([{ row, step: 's', at: '', text }])
  }
  const here = buffer.lines()
  expect(buffer.levels().error).toBe(here.filter(({ level }) => level === 'error').length)
  expect(buffer.folds()).toEqual(here.flatMap(({ fold, row }) => (fold === 'open' ? [row] : [])))
})

test('of a progress line the last state is read', () => {
  expect(plainText('10 %\r50 %\r100 %\r')).toBe('100 %')
})

test('times in four ways', () => {
  const at = '2026-01-01T10:00:07.250000001Z'
  const now = Date.parse('2026-01-01T11:01:08.250Z')
  expect(lineTime(at, 'utc', now)).toBe('10:00:07.250')
  expect(lineTime(at, 'ago', now)).toBe('-1:01:01.000')
  expect(lineTime(at, 'since', now, '2026-01-01T10:00:00Z')).toBe('+0:00:07.250')
  expect(lineTime(at, 'since', now, '2026-01-01T10:00:09Z')).toBe('+0:00:00.000')
  expect(lineTime('', 'utc', now)).toBe('')
})

test('rows are found by their number where others between them are gone', () => {
  const buffer = createLogBuffer((notify) => notify())
  buffer.append([1, 2, 50, 51].map((row) => ({ row, step: 's', at: '', text: `${row}` })))
  expect([1, 2, 3, 50, 51, 52].map((row) => indexOfRow(buffer.lines(), row))).toEqual([
    0, 1, 2, 2, 3, 4,
  ])
})

test('a page holds the newest rows of a log that is larger than it, and says which went before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 1 }), (batches) => {
      const buffer = createLogBuffer((notify) => notify(), 20)
      let row = 0
      for (const size of batches) {
        buffer.append(
          Array.from({ length: size }, () => ({ row: ++row, step: 's', at: '', text: '' })),
        )
      }
      const held = buffer.lines().map((one) => one.row)
      expect(held.length).toBeLessThanOrEqual(20)
      expect(held).toEqual(Array.from({ length: held.length }, (_, i) => row - held.length + i + 1))
      expect(buffer.earlier()).toBe(row - held.length)
    }),
  )
})

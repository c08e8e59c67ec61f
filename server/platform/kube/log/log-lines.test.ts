import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatLogCursor,
  type LogCursor,
  lineNumberer,
  nanosOf,
  parseLogCursor,
  type ReadLine,
  resumeAfter,
  sinceTimeOf,
} from './log-lines.ts'
import { lineSplitter, type RawLine } from './split-lines.ts'

function raw(text: string | Buffer): RawLine {
  return { bytes: Buffer.from(text), cut: 0 }
}

/** Any bytes but newlines, split characters and broken UTF-8 among them. */
const content = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => bytes.map((b) => (b === 10 ? 0 : b)))

test('lines come out as they went in, however the bytes were cut', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 20 })
  fc.assert(
    fc.property(fc.array(content), content, cuts, (lines, rest, at) => {
      const whole = Buffer.concat([...lines.flatMap((line) => [line, Buffer.from('\n')]), rest])
      const places = [...at.map((cut) => cut % (whole.length + 1)), 0, whole.length]
      places.sort((a, b) => a - b)
      const splitter = lineSplitter(1_000_000)
      const got: RawLine[] = []
      for (const [index, start] of places.entries()) {
        got.push(...splitter.push(whole.subarray(start, places[index + 1] ?? whole.length)))
      }
      expect(got).toEqual(lines.map((line) => ({ bytes: Buffer.from(line), cut: 0 })))
      expect(splitter.rest()?.bytes ?? Buffer.alloc(0)).toEqual(Buffer.from(rest))
      expect(splitter.rest()).toBeUndefined()
    }),
  )
})

test('a line without end is cut at the limit, the rest is counted, and the next one is whole', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((one) => one.replaceAll('\n', ''))
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat()), (lines, at) => {
      const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      const places = [...at.map((cut) => cut % (whole.length + 1)), 0, whole.length]
      places.sort((a, b) => a - b)
      const splitter = lineSplitter(12)
      const got = places.flatMap((start, index) =>
        splitter.push(whole.subarray(start, places[index + 1] ?? whole.length)),
      )
      expect(got).toHaveLength(lines.length)
      for (const [index, { bytes, cut }] of got.entries()) {
        const line = Buffer.from(lines[index] ?? '')
        expect(bytes.length).toBeLessThanOrEqual(12)
        expect(bytes.length + cut).toBe(line.length)
        expect(line.subarray(0, bytes.length)).toEqual(bytes)
        if (line.length <= 12) expect(cut).toBe(0)
      }
    }),
  )
})

test('timestamps keep their nanoseconds, whatever their form', () => {
  expect(nanosOf('2026-11-23T18:17:57.646731934Z')).toBe(1795457877646731934n)
  expect(nanosOf('2026-11-23T18:17:57.6Z')).toBe(1795457877600000000n)
  expect(nanosOf('2026-11-24T02:17:57.6+08:00')).toBe(1795457877600000000n)
  expect(nanosOf('2026-11-23T18:17:57Z')).toBe(1795457877000000000n)
  for (const wrong of ['', 'now', '2026-11-23', '2026-11-23T18:17:57', '2026-99-23T18:17:57Z']) {
    expect(nanosOf(wrong)).toBeUndefined()
  }
})

test('cursors are read as they were written, and nothing else is read as one', () => {
  const cursor = { at: '2026-11-23T18:17:57.646731934Z', count: 3 }
  expect(parseLogCursor(formatLogCursor(cursor))).toEqual(cursor)
  for (const wrong of ['', '#1', 'x#1', `${cursor.at}#0`, `${cursor.at}#-1`, cursor.at]) {
    expect(parseLogCursor(wrong)).toBeUndefined()
  }
  expect(sinceTimeOf(cursor)).toBe('2026-11-23T18:17:56.000Z')
})

test('a line without a timestamp counts to the one before it', () => {
  const number = lineNumberer(undefined)
  const at = '2026-11-23T18:17:57.1Z'
  expect([`${at} a b`, `${at} `, 'goes on', at].map((x) => number(raw(x)))).toEqual([
    { at, count: 1, text: 'a b' },
    { at, count: 2, text: '' },
    { at, count: 3, text: 'goes on' },
    { at, count: 4, text: '' },
  ])
})

/** A log: timestamps that mostly grow, repeat, and now and then step back a little, as two writers' do. */
const log = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 1, 20, 400_000_000, 1_500_000_000), fc.boolean()), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let now = 1795457877_000_000_000n
    const used = new Set<string>()
    let last = ''
    return steps.map(([step, back], index) => {
      now += BigInt(step)
      let at = stampOf(back && index % 5 === 4 ? now - 7n : now)
      // The same instant again only right after itself: clocks of nanoseconds do not meet otherwise.
      if (at !== last && used.has(at)) at = last
      used.add(at)
      last = at
      return raw(`${at} line ${index}`)
    })
  })

function stampOf(nanos: bigint): string {
  const fraction = String(nanos % 1_000_000_000n).padStart(9, '0')
  return new Date(Number(nanos / 1_000_000n)).toISOString().replace(/\.\d+Z$/, `.${fraction}Z`)
}

/** What the kubelet sends for a time: filtered line by line, the time cut to seconds. */
function kubeletSince(lines: RawLine[], cursor: LogCursor): RawLine[] {
  const since = nanosOf(sinceTimeOf(cursor) ?? '') ?? 0n
  return lines.filter(({ bytes }) => (nanosOf(bytes.toString().split(' ')[0] ?? '') ?? 0n) >= since)
}

test('taken up after any line, a log gives every later line once and no earlier one', () => {
  fc.assert(
    fc.property(log, fc.nat(), (lines, pick) => {
      const number = lineNumberer(undefined)
      const read = lines.map(number)
      const after = pick % read.length
      const cursor = read[after] as ReadLine
      const resumed = resumeAfter(cursor)
      const parts = [...kubeletSince(lines, cursor).map(resumed.push), resumed.settle()]
      expect(parts.flatMap((part) => part.lines)).toEqual(read.slice(after + 1))
      expect(parts.some((part) => part.gap)).toBe(false)
    }),
  )
})

test('a log whose read part was rotated away goes on with what is younger, and says so', () => {
  fc.assert(
    fc.property(log, log, (old, young) => {
      const cursor = old.map(lineNumberer(undefined)).at(-1) as ReadLine
      const later = young.map(({ bytes }) => raw(bytes.toString().replace(/^\d{4}/, '2027')))
      const resumed = resumeAfter(cursor)
      const parts = [...later.map(resumed.push), resumed.settle()]
      expect(parts.flatMap((part) => part.lines.map((line) => line.text))).toEqual(
        later.map(({ bytes }) => bytes.toString().split(' ').slice(1).join(' ')),
      )
      expect(parts.filter((part) => part.gap)).toHaveLength(1)
    }),
  )
})

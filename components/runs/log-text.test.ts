import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ansiSpans } from './ansi-spans.ts'
import { createLogBuffer } from './log-buffer.ts'
import { plainText, searchLines } from './search-lines.ts'
import { createStepFilter } from './visible-lines.ts'

const line = fc.record({
  row: fc.nat(),
  step: fc.constantFrom('one', 'two'),
  at: fc.constant('2026-01-01T00:00:00.000000001Z'),
  text: fc.string(),
})

test('however the lines are cut into batches, the buffer holds the same lines, numbered from 1', () => {
  fc.assert(
    fc.property(fc.array(fc.array(line)), (batches) => {
      const buffer = createLogBuffer((notify) => notify())
      for (const batch of batches) buffer.append(batch)
      expect(buffer.lines()).toEqual(
        batches.flat().map((entry, index) => ({ ...entry, number: index + 1 })),
      )
    }),
  )
})

test('a step filter that follows a growing list keeps what a plain filter would', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(line)),
      fc.array(fc.constantFrom('one', 'two', undefined)),
      (batches, wishes) => {
        const buffer = createLogBuffer((notify) => notify())
        const visible = createStepFilter()
        batches.forEach((batch, turn) => {
          buffer.append(batch)
          const wanted = wishes[turn % Math.max(1, wishes.length)]
          expect(visible(buffer.lines(), wanted)).toEqual(
            buffer.lines().filter((entry) => wanted === undefined || entry.step === wanted),
          )
        })
      },
    ),
  )
})

test('colours become spans whose text is the line without its sequences', () => {
  const spans = ansiSpans('ok \u001b[1;31mfailed\u001b[0m end')
  expect(spans.map(({ text }) => text).join('')).toBe('ok failed end')
  expect(spans.find(({ text }) => text === 'failed')).toMatchObject({ bold: true })
  expect(spans.find(({ text }) => text === 'failed')?.color).toMatch(/^rgb\(/)
})

test('markup in a log stays text', () => {
  expect(ansiSpans('\u001b[32m<img src=x onerror=alert(1)>\u001b[0m')[0]?.text).toBe(
    '<img src=x onerror=alert(1)>',
  )
})

test('of a progress line the last state is read', () => {
  expect(plainText('10 %\r50 %\r100 %\r')).toBe('100 %')
})

test('search finds what a reader sees, whatever the case', () => {
  const lines = ['\u001b[31mERR\u001b[0mor here', 'fine', 'an error'].map((text, index) => ({
    step: 's',
    at: '',
    text,
    row: index + 1,
    number: index + 1,
  }))
  expect(searchLines(lines, 'Error')).toEqual([0, 2])
  expect(searchLines(lines, '')).toEqual([])
})

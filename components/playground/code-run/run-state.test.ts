import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeBounds } from '#server/playground/model/code-bounds.ts'
import type { OutputPiece } from '#server/playground/model/code-box-messages.ts'
import { readsInput } from './reads-input.ts'
import { afterMessage, loadingRun, outputText, type RunState } from './run-state.ts'

const line = fc.constantFrom(
  'a\n',
  'no end of a line',
  '\n\n',
  'x'.repeat(5000),
  '1 2 3\n'.repeat(3000),
)
const piece: fc.Arbitrary<OutputPiece> = fc.record({
  stream: fc.constantFrom('out' as const, 'err' as const),
  text: line,
})
const told = (run: RunState, pieces: OutputPiece[]) =>
  afterMessage(run, { type: 'output', id: 1, pieces })

test('output keeps its order, each of its parts its stream, and none goes past the bound', () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 12 }), (batches) => {
      const run = batches.reduce(told, afterMessage(loadingRun, { type: 'started', id: 1 }))
      const all = batches.flat()
      const whole = all.map(({ text }) => text).join('')
      expect(outputText(run)).toBe(whole.slice(0, codeBounds.outputCharsMax))
      const errors = all.flatMap(({ stream, text }) => [...text].map(() => stream))
      const shown = run.output.flatMap(({ pieces }) =>
        pieces.flatMap(({ stream, text }) => [...text].map(() => stream)),
      )
      expect(shown).toEqual(errors.slice(0, codeBounds.outputCharsMax))
      // A block ends where a line does, or the page would break it there.
      for (const { pieces } of run.output.slice(0, -1)) {
        expect(pieces.at(-1)?.text.endsWith('\n')).toBe(true)
      }
      let at = 0
      for (const { pieces } of run.output) {
        for (const one of pieces) {
          expect(one.at).toBe(at)
          at += one.text.length
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('what is shown already is not touched again', () => {
  const first = told(loadingRun, [{ stream: 'out', text: '1 2 3\n'.repeat(3000) }])
  const second = told(first, [{ stream: 'out', text: 'more\n' }])
  expect(first.output.length).toBeGreaterThan(2)
  for (const [index, block] of first.output.slice(0, -1).entries()) {
    expect(second.output[index]).toBe(block)
  }
})

test('an ended run stays as it ended, and says why it was stopped', () => {
  const stopped = { type: 'ended', id: 1, how: 'stopped', ms: 5 } as const
  const ended = afterMessage(loadingRun, stopped, 'timeout')
  expect(ended).toMatchObject({ phase: 'ended', end: { how: 'timeout', ms: 5 } })
  expect(told(ended, [{ stream: 'out', text: 'late' }])).toBe(ended)
  expect(afterMessage(ended, { type: 'started', id: 1 })).toBe(ended)
  // Asked to stop, it was faster.
  const done = afterMessage(loadingRun, { ...stopped, how: 'done' }, 'stopped')
  expect(done.end?.how).toBe('done')
})

test.each([
  ['n = int(input())', 'python', true],
  ['import sys\nfor line in sys.stdin: pass', 'python', true],
  ['print(open(0).read())', 'python', true],
  ['inputs = [1]\nprint(inputs)', 'python', false],
  ["require('fs').readFileSync(0)", 'javascript', true],
  ["require('readline')", 'javascript', true],
  ['console.log(1)', 'javascript', false],
] as const)('%s in %s waits for input: %s', (code, language, reads) => {
  expect(readsInput(code, language)).toBe(reads)
})

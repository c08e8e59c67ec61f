import { expect, onTestFinished, test } from 'vitest'
import { yieldBetween } from './yield-to-event-loop.ts'

const pieces = Array.from({ length: 300 }, (_, index) => `${index} `)

test('others are served while much is passed on, and nothing of it is lost', async () => {
  const others = countTurns()
  let made = ''
  for await (const slice of yieldBetween(pieces, 0)) made += slice
  expect(others()).toBeGreaterThanOrEqual(pieces.length)
  expect(made).toBe(pieces.join(''))
})

test('no turn is given away while there is time in the slice', async () => {
  const others = countTurns()
  const slices: string[] = []
  for await (const slice of yieldBetween(['a', 'b', '', 'c'], Number.POSITIVE_INFINITY)) {
    slices.push(slice)
  }
  expect([slices, others()]).toEqual([['abc'], 0])
})

/** How often somebody else on the same thread had their turn so far. */
function countTurns(): () => number {
  let turns = 0
  let next: NodeJS.Immediate
  const again = () => {
    next = setImmediate(() => {
      turns++
      again()
    })
  }
  again()
  onTestFinished(() => clearImmediate(next))
  return () => turns
}

import { expect, onTestFinished, test } from 'vitest'
import { exportHtml } from '#server/playground/export/export-html.ts'
import { exportLatex } from '#server/playground/export/export-latex.ts'
import { inTurns } from './yield-to-event-loop.ts'

const formulas = 300
const dense = String.raw`so $\sum_{k=1}^{n} \frac{k^2}{\sqrt{k+1}}$ `.repeat(formulas)
const answer = { reasoning: '', content: dense, about: 'a/b' }
const branch = { title: 'T', at: '2026-01-01', turns: [{ question: 'Solve it', answer }] }

test.each([
  ['a page', () => exportHtml(branch, '')],
  ['a LaTeX document', () => exportLatex(branch)],
])(
  'others are served while %s is made of one long paragraph, and nothing of it is lost',
  async (_, pieces) => {
    const others = countTurns()
    let made = ''
    for await (const slice of inTurns(pieces(), 0)) made += slice
    expect(others()).toBeGreaterThanOrEqual(formulas)
    expect(made).toBe([...pieces()].join(''))
  },
)

test('no turn is given away while there is time in the slice', async () => {
  const others = countTurns()
  const slices: string[] = []
  for await (const slice of inTurns(['a', 'b', '', 'c'], Number.POSITIVE_INFINITY)) {
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

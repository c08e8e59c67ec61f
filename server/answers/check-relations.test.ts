import { expect, test } from 'vitest'
import { checkRelations } from './check-relations.ts'

const r = String.raw

function verdicts(latex: string, before = ''): string[] {
  return checkRelations(`${before}\n$$${latex}$$`).relations.flatMap(({ steps }) =>
    steps.map(({ verdict }) => verdict),
  )
}

test.each([
  ['2+3=5', ['holds']],
  [r`2+3=6`, ['fails']],
  [r`1+2=3<4\le 4`, ['holds', 'holds', 'holds']],
  [r`(x+1)^2=x^2+2x+1`, ['holds']],
  [r`(x+1)^2=x^2+1`, ['fails']],
  [r`x^2+1>0`, ['holds']],
  [r`x^2-1>0`, ['fails']],
  [r`x=5`, ['unknown']],
  [r`2x+1=7`, ['unknown']],
  [r`x>3`, ['unknown']],
  [r`\sqrt2<1.4143`, ['holds']],
  [r`\pi>\frac{22}{7}`, ['fails']],
  [r`\sin^2x+\cos^2x=1`, ['holds']],
  [r`\sin 2x=2\sin x\cos x`, ['holds']],
  [r`\frac{1}{0}=1`, ['unknown']],
  [r`\int x=1`, ['unknown']],
])('%s', (latex, expected) => {
  expect(verdicts(latex)).toEqual(expected)
})

test('a failure names values at which the two sides differ', () => {
  const [relation] = checkRelations(r`\[(x+1)^2=x^2+1\]`).relations
  expect(relation?.steps).toEqual([
    {
      verdict: 'fails',
      counterexample: {
        values: { x: r`\frac{7}{3}` },
        left: r`\frac{100}{9}`,
        right: r`\frac{58}{9}`,
      },
    },
  ])
})

test('what the text says of its variables is used, and named', () => {
  expect(verdicts('x^3>0', 'Let x be positive.')).toEqual(['holds'])
  expect(verdicts('x^3>0')).toEqual(['fails'])
  expect(checkRelations('Let $n$ be a positive integer.').assumed).toEqual({
    integers: ['n'],
    positive: ['n'],
  })
})

test('each line of aligned formulas is a relation of its own', () => {
  const { relations } = checkRelations(r`\begin{align}1+1&=2\\2+2&=5\end{align}`)
  expect(relations.map(({ steps }) => steps[0]?.verdict)).toEqual(['holds', 'fails'])
})

test('a long text of open and closed displays is read in linear time', () => {
  const used = process.cpuUsage()
  expect(checkRelations('$$'.repeat(100_001)).relations).toEqual([])
  expect(checkRelations(r`\[`.repeat(50_000)).relations).toEqual([])
  expect(process.cpuUsage(used).user / 1000).toBeLessThan(5000)
})

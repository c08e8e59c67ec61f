import { expect, onTestFinished, test } from 'vitest'
import { startSolverPool } from './solver-pool.ts'

const job = (message: string) => ({ message, samples: [{ seed: 1, sample: 0 }] })

test('a caller that leaves neither ends the thread nor takes it from the next', async () => {
  const startedMs = performance.now()
  const pool = await startSolverPool(1, 60_000)
  onTestFinished(() => pool.close())
  const startMs = performance.now() - startedMs

  for (let leaving = 0; leaving < 20; leaving++) {
    const left = new AbortController()
    const asked = pool.solve(job(`Solve x^2 - ${leaving}x + 6 = 0`), left.signal)
    left.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
  }
  const againMs = performance.now()
  const [answer] = await pool.solve(job('What is 6 * 7?'), new AbortController().signal)
  expect(answer?.content).toContain('\\boxed{42}')
  // Twenty threads that were ended and started would have taken twenty starts.
  expect(performance.now() - againMs).toBeLessThan(10 * startMs)
})

test('a job that takes too long is told as such, and the next has a thread', async () => {
  const pool = await startSolverPool(1, 1)
  onTestFinished(() => pool.close())
  const [late] = await pool.solve(job('Solve x^5 - x - 1 = 0'), new AbortController().signal)
  expect(late?.content).toContain('could not finish')
})

import { parentPort } from 'node:worker_threads'
import { answerPrompt } from '#server/lab/demo-engine/narrate/answer-prompt.ts'
import type { SolverJob, SolverReply } from './solver-pool.ts'

// Algebra can run away in time and memory: it has a thread of its own, which the pool may end.
parentPort?.on('message', ({ message, samples }: SolverJob) => {
  const answers = samples.map(({ seed, sample }) => answerPrompt(message, seed, sample))
  parentPort?.postMessage({ answers } satisfies SolverReply)
})
// The libraries are slow the first time: that is not to count against the first problem's time.
answerPrompt('Integrate x sin(x) dx', 0)
parentPort?.postMessage('ready')

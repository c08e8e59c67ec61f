import type { Worker } from 'node:worker_threads'
import { startThread } from '#server/platform/threads/open-thread.ts'

export type ExportJob = { source: string; format: 'html' | 'latex' }
/** `made` is undefined where the block cannot be rendered. */
export type ExportReply = 'ready' | 'end' | { beginning: string } | { made: string | undefined }

export type RenderLimits = { workersMax: number; startMs: number; blockMs: number; textMs: number }

/** A block that takes longer, or does not fit into the memory, is shown as its source; so is all that comes too late. */
const defaults: RenderLimits = { workersMax: 2, startMs: 60_000, blockMs: 5000, textMs: 60_000 }
const memoryMb = 256

const idle: Worker[] = []
const queue: (() => void)[] = []
let busy = 0

/**
 * What a person or a model wrote, rendered in a worker thread: block by block, each within its time, the whole within
 * `textMs`. `fallback` says how the source of a block is shown instead.
 */
export async function* renderInWorker(
  job: ExportJob,
  fallback: (source: string) => string,
  limits: RenderLimits = defaults,
): AsyncGenerator<string> {
  await enter(limits.workersMax)
  try {
    const deadlineMs = performance.now() + limits.textMs
    let left = job.source
    while (left !== '') {
      if (performance.now() > deadlineMs) {
        yield fallback(left)
        return
      }
      const worker = idle.pop() ?? (await startWorker(limits.startMs))
      const run = runJob(worker, { ...job, source: left }, limits.blockMs)
      for await (const { source, made } of run) {
        yield made ?? fallback(source)
        left = left.slice(source.length)
        if (performance.now() > deadlineMs) break
      }
    }
  } finally {
    leave()
  }
}

/** The blocks that the worker gets done; the one in which it was ended comes last, without what was made of it. */
async function* runJob(
  worker: Worker,
  job: ExportJob,
  blockMs: number,
): AsyncGenerator<{ source: string; made: string | undefined }> {
  const replies: (ExportReply | 'dead')[] = []
  let wake = () => {}
  const tell = (reply: ExportReply | 'dead') => {
    replies.push(reply)
    wake()
  }
  const onDeath = () => tell('dead')
  worker.on('message', tell).on('error', onDeath).on('exit', onDeath)
  worker.postMessage(job)
  // Until it says what it begins with, it is cutting the text.
  let source = job.source
  let isWhole = false
  try {
    for (;;) {
      const late = setTimeout(onDeath, blockMs)
      while (replies.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      clearTimeout(late)
      const reply = replies.shift()
      if (reply === 'end') {
        isWhole = true
        return
      }
      if (reply === undefined || reply === 'dead') {
        yield { source, made: undefined }
        return
      }
      if (reply === 'ready') continue
      if ('beginning' in reply) source = reply.beginning
      else yield { source, made: reply.made }
    }
  } finally {
    worker.off('message', tell).off('error', onDeath).off('exit', onDeath)
    if (isWhole) idle.push(worker)
    else void worker.terminate()
  }
}

async function enter(workersMax: number): Promise<void> {
  while (busy >= workersMax) await new Promise<void>((resolve) => queue.push(resolve))
  busy++
}

function leave(): void {
  busy--
  queue.shift()?.()
}

function startWorker(startMs: number): Promise<Worker> {
  const source = new URL('./export-worker.ts', import.meta.url)
  const worker = startThread('export-worker', source, memoryMb)
  worker.unref()
  // It may die between two texts: the next one finds out.
  worker.on('error', () => undefined)
  worker.once('exit', () => {
    const at = idle.indexOf(worker)
    if (at >= 0) idle.splice(at, 1)
  })
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      void worker.terminate()
      reject(new Error('The export worker did not start in time.'))
    }, startMs)
    worker.once('message', () => {
      clearTimeout(late)
      resolve(worker)
    })
    worker.once('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
  })
}

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Answer, introduce } from '#server/lab/demo-engine/narrate/narrate.ts'

/** One message, answered once for each sample. */
export type SolverJob = { message: string; samples: { seed: number; sample: number }[] }
export type SolverReply = { answers: Answer[] }

export type SolverPool = {
  /** Always answers: a problem that takes too long gets an answer that says so. Rejects when `signal` aborts. */
  solve(job: SolverJob, signal: AbortSignal): Promise<Answer[]>
  close(): Promise<void>
}

type Slot = { worker: Promise<Worker> }
const memoryMaxMb = 512

/** Starts `size` threads and waits until they are ready. */
export async function startSolverPool(size: number, timeoutMs: number): Promise<SolverPool> {
  const idle: Slot[] = Array.from({ length: size }, () => ({ worker: startWorker() }))
  const all = new Set(idle)
  const waiting: ((slot: Slot) => void)[] = []
  await Promise.all(idle.map(({ worker }) => worker))

  const release = (slot: Slot) => {
    const next = waiting.shift()
    if (next) next(slot)
    else idle.push(slot)
  }
  const take = (signal: AbortSignal) =>
    new Promise<Slot>((resolve, reject) => {
      signal.throwIfAborted()
      const slot = idle.pop()
      if (slot) return resolve(slot)
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal.reason)
      }
      const enter = (freed: Slot) => {
        signal.removeEventListener('abort', leave)
        resolve(freed)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(enter)
    })

  async function work(slot: Slot, job: SolverJob): Promise<SolverReply | undefined> {
    try {
      const reply = await run(await slot.worker, job, timeoutMs)
      if (!reply) renew(slot)
      return reply
    } catch (error) {
      renew(slot)
      throw error
    }
  }

  return {
    async solve(job, signal) {
      const slot = await take(signal)
      // It has the slot until it is done, whoever still waits for it: the thread is worth more than its last job.
      const worked = work(slot, job).finally(() => release(slot))
      const reply = await untilAborted(worked, signal)
      if (reply) return reply.answers
      return job.samples.map(() =>
        introduce(`I could not finish this problem within ${timeoutMs / 1000} seconds.`),
      )
    },
    async close() {
      await Promise.all([...all].map(async ({ worker }) => (await worker).terminate()))
    },
  }
}

/** Ends a thread that is busy or broken and puts a fresh one in its place. */
function renew(slot: Slot): void {
  const old = slot.worker
  slot.worker = old.then(
    async (worker) => {
      await worker.terminate()
      return startWorker()
    },
    () => startWorker(),
  )
  // Whoever takes the slot next sees the failure; until then it is nobody's.
  slot.worker.catch(() => undefined)
}

/** The reply, or undefined after the time limit or when the thread died. */
function run(worker: Worker, job: SolverJob, timeoutMs: number): Promise<SolverReply | undefined> {
  return new Promise((resolve) => {
    const settle = (reply?: SolverReply) => {
      clearTimeout(timer)
      worker.off('message', settle).off('error', onDeath).off('exit', onDeath)
      resolve(reply)
    }
    const onDeath = () => settle()
    const timer = setTimeout(onDeath, timeoutMs)
    worker.on('message', settle).on('error', onDeath).on('exit', onDeath)
    worker.postMessage(job)
  })
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

function startWorker(): Promise<Worker> {
  const worker = createWorker()
  // The algebra library prints its doubts; nobody reads them.
  worker.stdout.resume()
  worker.stderr.resume()
  // A thread may die between two jobs, of memory for one: the next job finds out.
  worker.on('error', () => undefined)
  worker.unref()
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The solver thread ended while it was starting.')))
  })
}

function createWorker(): Worker {
  const options = {
    stdout: true,
    stderr: true,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMb },
  }
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./solver-worker.js', import.meta.url), options)
  // Run from source: a thread does not inherit the TypeScript loader, so it registers its own.
  const loader = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const source = new URL('./solver-worker.ts', import.meta.url).href
  const start = `import(${JSON.stringify(pathToFileURL(loader).href)}).then((tsx) => {
    tsx.register()
    return import(${JSON.stringify(source)})
  })`
  return new Worker(start, { ...options, eval: true })
}

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** A thread that answers one message after the other; it is ended as a whole where one takes too long. */
export type Thread<Ask, Answer> = {
  /** Rejects with `ThreadGone` after the time, when the thread died (of memory, for one), or when the signal aborts. */
  ask(message: Ask, limits: { withinMs: number; signal: AbortSignal }): Promise<Answer>
  end(): void
}

export class ThreadGone extends Error {
  override name = 'ThreadGone'
}

/**
 * For work on what a person wrote: beside the event loop, with a bound on memory. `name` is that of the thread's file
 * in the bundle (`bundle-server.ts`), `source` what it is bundled from.
 */
export function openThread<Ask, Answer>(
  name: string,
  source: URL,
  memoryMaxMb: number,
): Thread<Ask, Answer> {
  const worker = startThread(name, source, memoryMaxMb)
  worker.unref()
  // A thread may die between two messages: the next one finds out.
  worker.on('error', () => undefined)
  let gone = false
  worker.once('exit', () => {
    gone = true
  })

  function end() {
    gone = true
    void worker.terminate()
  }

  return {
    end,
    ask(message, { withinMs, signal }) {
      return new Promise((resolve, reject) => {
        if (gone || signal.aborted) return reject(new ThreadGone('The thread has ended.'))
        const settle = (finish: () => void) => {
          clearTimeout(timer)
          worker.off('message', answered).off('exit', died)
          signal.removeEventListener('abort', giveUp)
          finish()
        }
        const answered = (answer: Answer) => settle(() => resolve(answer))
        const died = () => settle(() => reject(new ThreadGone('The thread died.')))
        const giveUp = () => {
          end()
          settle(() => reject(new ThreadGone('The thread took too long.')))
        }
        const timer = setTimeout(giveUp, withinMs)
        worker.on('message', answered).on('exit', died)
        signal.addEventListener('abort', giveUp, { once: true })
        worker.postMessage(message)
      })
    },
  }
}

/** Run from source or from the bundle, where all threads lie beside one another. */
export function startThread(name: string, source: URL, memoryMaxMb: number): Worker {
  const options = {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMb },
  }
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), options)
  }
  // Run from source: a thread does not inherit the TypeScript loader, so it registers its own.
  const loader = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const begin = `import(${JSON.stringify(pathToFileURL(loader).href)}).then((tsx) => {
    tsx.register()
    return import(${JSON.stringify(source.href)})
  })`
  return new Worker(begin, { ...options, eval: true })
}

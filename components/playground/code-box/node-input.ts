import { createEmitter } from './emitter.ts'
import type { Tasks } from './tasks.ts'
import { write } from './worker-port.ts'

/** Standard input as Node's programs read it: whole, as a stream, or line by line. */
export function createNodeInput(input: string, tasks: Tasks) {
  const lines = input.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()

  function readWhole(encoding: unknown): unknown {
    if (encoding) return input
    const bytes = new TextEncoder().encode(input)
    return Object.assign(bytes, { toString: () => input })
  }

  const stdinEvents = createEmitter((name) => {
    if (name === 'data' || name === 'end' || name === 'readable') flow()
  })
  let isFlowing = false
  let unread: string | null = input || null
  function flow(): void {
    if (isFlowing) return
    isFlowing = true
    tasks.later(() => {
      stdinEvents.emit('readable')
      if (unread !== null) stdinEvents.emit('data', unread)
      unread = null
      stdinEvents.emit('readable')
      stdinEvents.emit('end')
      stdinEvents.emit('close')
    })
  }
  const stdin = {
    ...stdinEvents,
    fd: 0,
    isTTY: false,
    setEncoding: () => stdin,
    resume() {
      flow()
      return stdin
    },
    read: () => {
      const part = unread
      unread = null
      return part
    },
    async *[Symbol.asyncIterator]() {
      if (input) yield input
    },
  }

  function createInterface() {
    let isClosed = false
    let isFlowing = false
    const events = createEmitter((name) => {
      if (name === 'line' || name === 'close') tasks.later(emitLines)
    })
    function emitLines(): void {
      if (isFlowing) return
      isFlowing = true
      while (!isClosed && lines.length > 0) events.emit('line', lines.shift())
      close()
    }
    function close(): void {
      if (isClosed) return
      isClosed = true
      events.emit('close')
    }
    return {
      ...events,
      close,
      setPrompt() {},
      prompt() {},
      pause() {},
      resume() {},
      question(words: string, ...rest: unknown[]) {
        write('out', words)
        const answered = rest.at(-1)
        const line = lines.shift()
        if (typeof answered === 'function' && line !== undefined) tasks.later(() => answered(line))
      },
      async *[Symbol.asyncIterator]() {
        while (!isClosed && lines.length > 0) yield lines.shift()
      },
    }
  }

  return { readWhole, stdin, createInterface }
}

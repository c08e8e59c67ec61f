import { codeBounds } from '#server/playground/model/code-bounds.ts'
import type {
  BoxMessage,
  OutputPiece,
  PageMessage,
} from '#server/playground/model/code-box-messages.ts'
import { parseWorkerMessage, type RunEnd } from './worker-message.ts'

type Given = { version: string; javascript: string }
type Interpreter = { url: string; module: WebAssembly.Module; library: ArrayBuffer }
type Asked = PageMessage & { type: 'run' }

type Run = {
  id: number
  worker?: Worker
  startedMs?: number
  chars: number
  messages: number
  pieces: number
  waiting: OutputPiece[]
  /** The page has yet to show what it was told last. */
  isOwed: boolean
}

/** More than our workers send of a program that uses up its time: whoever sends more only floods. */
const messagesMax = 10_000

/** The program comes first in its script, so that its lines keep their numbers. */
const programHead = 'function program(require,module,exports,process,console,global){'
const programEnd = '\n}\n'

/**
 * The document that code is run in: it has no origin and no network, and of the page nothing but one port. Every run has
 * a worker of its own, which is ended with it. What a worker says is taken for what a stranger says.
 */
const given: Given = JSON.parse(document.getElementById('given')?.textContent ?? '')
let port: MessagePort | undefined
let interpreter: Promise<Interpreter> | undefined
let run: Run | undefined

addEventListener('message', (event) => {
  const [first] = event.ports
  if (port || event.source !== parent || !first) return
  port = first
  port.onmessage = ({ data }: MessageEvent<PageMessage>) => obey(data)
  tell({ type: 'ready', version: given.version })
})

function tell(message: BoxMessage): void {
  port?.postMessage(message)
}

function obey(message: PageMessage): void {
  if (message.type === 'python') {
    interpreter = prepare(message)
    // Said to the run that waits for it.
    interpreter.catch(() => {})
  } else if (message.type === 'run') start(message)
  else if (message.id !== run?.id) return
  else if (message.type === 'stop') end(run, { how: 'stopped' })
  else {
    run.isOwed = false
    passOn(run)
  }
}

async function prepare({
  worker,
  wasm,
  library,
}: PageMessage & { type: 'python' }): Promise<Interpreter> {
  const module = await WebAssembly.compile(wasm)
  return { url: URL.createObjectURL(scriptOf(worker)), module, library }
}

function start(asked: Asked): void {
  if (run) end(run, { how: 'stopped' })
  const begun: Run = { id: asked.id, chars: 0, messages: 0, pieces: 0, waiting: [], isOwed: false }
  run = begun
  if (asked.language === 'javascript') startJavascript(begun, asked)
  else startPython(begun, asked).catch(() => end(begun, { how: 'broken' }))
}

function startJavascript(begun: Run, { code, input }: Asked): void {
  const url = URL.createObjectURL(scriptOf(programHead, code, programEnd, given.javascript))
  const worker = new Worker(url)
  URL.revokeObjectURL(url)
  listen(begun, worker)
  // A program can get out of its function and be under way at once.
  startClock(begun)
  const lines = code.split('\n').length
  worker.postMessage({ input, column: programHead.length, lines })
}

async function startPython(begun: Run, { code, input }: Asked): Promise<void> {
  const ready = await interpreter
  if (run !== begun) return
  if (!ready) return end(begun, { how: 'broken' })
  const worker = new Worker(ready.url)
  listen(begun, worker, () => {
    startClock(begun)
    worker.postMessage({ code, input })
  })
  worker.postMessage({ module: ready.module, library: ready.library })
}

function scriptOf(...parts: BlobPart[]): Blob {
  return new Blob(parts, { type: 'text/javascript' })
}

function startClock(begun: Run): void {
  begun.startedMs = performance.now()
  tell({ type: 'started', id: begun.id })
}

function listen(begun: Run, worker: Worker, onReady?: () => void): void {
  begun.worker = worker
  worker.onmessage = ({ data }) => {
    if (run !== begun) return
    begun.messages += 1
    const said =
      begun.messages > messagesMax ? { how: 'too-much' as const } : parseWorkerMessage(data)
    if (said === 'ready') {
      if (begun.startedMs === undefined) onReady?.()
    } else if (said && 'how' in said) end(begun, said)
    else if (said) write(begun, said)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    if (run !== begun) return
    if (begun.startedMs === undefined) return end(begun, { how: 'broken' })
    // What does not even parse has no place to be caught in.
    write(begun, { stream: 'err', text: `main.js:${event.lineno}\n${event.message}\n` })
    if (run === begun) end(begun, { how: 'error' })
  }
}

function write(begun: Run, { stream, text }: OutputPiece): void {
  const room = codeBounds.outputCharsMax - begun.chars
  const kept = text.slice(0, room)
  begun.chars += kept.length
  const last = begun.waiting.at(-1)
  if (last?.stream === stream) last.text += kept
  else {
    begun.pieces += 1
    if (begun.pieces < codeBounds.outputPiecesMax) begun.waiting.push({ stream, text: kept })
  }
  const isTooMuch = text.length > room || begun.pieces >= codeBounds.outputPiecesMax
  if (isTooMuch) end(begun, { how: 'too-much' })
  else passOn(begun)
}

function passOn(begun: Run): void {
  if (begun.isOwed || begun.waiting.length === 0) return
  begun.isOwed = true
  tell({ type: 'output', id: begun.id, pieces: begun.waiting })
  begun.waiting = []
}

function end(ended: Run, how: RunEnd): void {
  if (run !== ended) return
  run = undefined
  if (ended.worker) {
    ended.worker.onmessage = null
    ended.worker.terminate()
  }
  ended.isOwed = false
  passOn(ended)
  const ms = ended.startedMs === undefined ? 0 : performance.now() - ended.startedMs
  tell({ type: 'ended', id: ended.id, ms, ...how })
}

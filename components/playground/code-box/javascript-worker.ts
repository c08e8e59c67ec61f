import { removeStores } from './count-promises.ts'
import { formatArguments, inspectValue } from './inspect-value.ts'
import { createNodeInput } from './node-input.ts'
import { createTasks } from './tasks.ts'
import { sayEnd, write } from './worker-port.ts'

type Program = (...given: unknown[]) => void

/** The program stands in front of this, in the same script, as a function of that name. */
declare const program: Program

/** Thrown to leave a program that asked to end. */
const exit = Symbol('exit')
let isOver = false
let exitCode = 0
/** How far the first line was moved to the right by what stands before it. */
let columnsBefore = 0
/** How many lines of the script are the program's. */
let programLines = 0

addEventListener('error', (event) => {
  event.preventDefault()
  fail(event.error)
})
addEventListener('unhandledrejection', (event) => {
  event.preventDefault()
  fail(event.reason)
})
addEventListener(
  'message',
  ({ data }: MessageEvent<{ input: string; column: number; lines: number }>) => {
    columnsBefore = data.column
    programLines = data.lines
    begin(data.input)
  },
  { once: true },
)

function begin(input: string): void {
  removeStores()
  const tasks = createTasks(() => over(exitCode))
  const { readWhole, stdin, createInterface } = createNodeInput(input, tasks)
  const process = {
    argv: ['node', 'main.js'],
    env: {},
    platform: 'browser',
    stdin,
    stdout: outputTo('out', 1),
    stderr: outputTo('err', 2),
    nextTick: (work: Program, ...given: unknown[]) => queueMicrotask(() => work(...given)),
    uptime: () => performance.now() / 1000,
    hrtime: { bigint: () => BigInt(Math.round(performance.now() * 1e6)) },
    on() {},
    get exitCode() {
      return exitCode
    },
    set exitCode(code: unknown) {
      exitCode = Number(code) || 0
    },
    exit(code: unknown = exitCode) {
      over(Number(code) || 0)
      throw exit
    },
  }
  const modules: Record<string, object> = {
    fs: {
      readFileSync(file: unknown, options?: string | { encoding?: string }) {
        const isInput = file === 0 || file === '/dev/stdin' || file === stdin.fd
        if (!isInput) throw new Error(`ENOENT: no such file or directory, open '${file}'`)
        return readWhole(typeof options === 'object' ? options?.encoding : options)
      },
      writeSync: (file: number, text: unknown) => write(file === 2 ? 'err' : 'out', String(text)),
      writeFileSync: (file: unknown, text: unknown) =>
        write(file === 2 || file === '/dev/stderr' ? 'err' : 'out', String(text)),
    },
    os: { EOL: '\n' },
    readline: { createInterface },
    util: { inspect: inspectValue, format: (...given: unknown[]) => formatArguments(given) },
  }
  const require = (name: unknown) => {
    const module = modules[String(name).replace(/^node:/, '')]
    if (module) return module
    throw Object.assign(new Error(`Cannot find module '${name}'`), { missing: String(name) })
  }
  const module = { exports: {} }
  const print =
    (stream: 'out' | 'err') =>
    (...given: unknown[]) =>
      write(stream, `${formatArguments(given)}\n`)
  const console = {
    ...{ log: print('out'), info: print('out'), debug: print('out'), table: print('out') },
    ...{ dir: print('out'), error: print('err'), warn: print('err'), trace: print('err') },
    ...{ time() {}, timeEnd() {}, group() {}, groupEnd() {} },
    assert: (holds: unknown, ...given: unknown[]) => {
      if (!holds) print('err')('Assertion failed', ...given)
    },
  }
  Object.assign(globalThis, { global: globalThis, require, module, process, console })
  tasks.checkIdle()
  program.call(module.exports, require, module, module.exports, process, console, globalThis)
}

function outputTo(stream: 'out' | 'err', fd: number) {
  return {
    fd,
    isTTY: false,
    write(text: unknown) {
      write(stream, String(text))
      return true
    },
  }
}

function over(code: number, more: { hint?: string; name?: string } = {}): void {
  if (isOver) return
  isOver = true
  sayEnd({ isError: code !== 0, exitCode: code, ...more })
}

function fail(error: unknown): void {
  if (isOver || error === exit) return
  write('err', `Uncaught ${toldOf(error)}\n`)
  const missing =
    typeof error === 'object' && error && 'missing' in error ? String(error.missing) : undefined
  const isDeep = error instanceof RangeError && /call stack|recursion/i.test(error.message)
  over(1, missing ? { hint: 'module', name: missing } : isDeep ? { hint: 'depth' } : {})
}

const frameMax = 10

/** The error with the places of the program that it went through, and none of ours. */
function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return inspectValue(error, 1)
  const lines = (error.stack ?? '').split('\n').flatMap((line) => {
    const [, before = '', row, column] = /^(.*?)\(?blob:[^\s)]*?:(\d+):(\d+)\)?$/.exec(line) ?? []
    const isOurs = Number(row) > programLines
    if (!row || isOurs) return []
    const name = before.replace(/^\s*at |@$/g, '').trim()
    const at = `main.js:${row}:${Number(column) - (row === '1' ? columnsBefore : 0)}`
    return [name && name !== 'program' ? `    at ${name} (${at})` : `    at ${at}`]
  })
  return [`${error.name}: ${error.message}`, ...lines.slice(0, frameMax)].join('\n')
}

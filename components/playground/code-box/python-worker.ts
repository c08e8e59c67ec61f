import { loadPyodide, version } from 'pyodide'
import createPyodideModule from 'pyodide/pyodide.asm.mjs'
import { info } from 'pyodide/pyodide-lock.json'
import { codeBounds } from '#server/playground/model/code-bounds.ts'
import { removeStores } from './count-promises.ts'
import { pythonProgram } from './python-program.ts'
import { sayEnd, sayReady, write } from './worker-port.ts'

type Interpreter = { module: WebAssembly.Module; library: ArrayBuffer }
type Program = { code: string; input: string }

/** One run of Python: the interpreter comes, it says `ready`; the program comes, and after it there is nothing more. */
addEventListener(
  'message',
  async ({ data }: MessageEvent<Interpreter>) => {
    const runProgram = await loadPython(data).catch(reportError)
    if (!runProgram) return
    addEventListener('message', ({ data }: MessageEvent<Program>) => runProgram(data), {
      once: true,
    })
    removeStores()
    sayReady()
  },
  { once: true },
)

async function loadPython({ module, library }: Interpreter) {
  boundMemory()
  // It asks for its files by address; they are here, and there is no network to ask.
  globalThis.fetch = async () => new Response(library)
  WebAssembly.instantiateStreaming = async (_response, imports) => ({
    module,
    instance: await WebAssembly.instantiate(module, imports),
  })
  const python = await loadPyodide({
    createPyodideModule,
    indexURL: 'https://box.invalid/',
    // Of packages there are none: what is not in the standard library is not there.
    lockFileContents: { info: { ...info, version, arch: 'wasm32' }, packages: {} },
    packageBaseUrl: 'https://box.invalid/',
  })
  const run = python.runPython(pythonProgram, { globals: python.toPy({ __name__: 'bindery' }) })

  return ({ code, input }: Program) => {
    let rest = new TextEncoder().encode(input)
    python.setStdin({
      read(buffer) {
        const part = rest.subarray(0, buffer.length)
        buffer.set(part)
        rest = rest.subarray(part.length)
        return part.length
      },
    })
    python.setStdout({ write: (bytes) => writeBytes('out', bytes) })
    python.setStderr({ write: (bytes) => writeBytes('err', bytes) })
    try {
      const [exitCode, hint, name] = run(code).toJs()
      sayEnd({ isError: exitCode !== 0, exitCode, hint, name })
    } catch (error) {
      // The interpreter itself gave up: deeper than the browser's own stack goes, for one.
      write('err', `${error}\n`)
      sayEnd({ isError: true, hint: error instanceof RangeError ? 'depth' : undefined })
    }
  }
}

const decoders = { out: new TextDecoder(), err: new TextDecoder() }

function writeBytes(stream: 'out' | 'err', bytes: Uint8Array): number {
  write(stream, decoders[stream].decode(bytes, { stream: true }))
  return bytes.length
}

/** Where the interpreter cannot have more, Python raises MemoryError. */
function boundMemory(): void {
  const bytesMax = codeBounds.memoryMibMax * 1024 * 1024
  const { grow } = WebAssembly.Memory.prototype
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > bytesMax) throw new RangeError('out of memory')
    return grow.call(this, pages)
  }
}

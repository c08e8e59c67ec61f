import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'

/**
 * What runs code in a reader's browser, as files for the web to serve: the box, and the worker that a run of JavaScript
 * has; and for Python, compressed once and named by what they are, its worker with the interpreter and its library.
 */
export async function bundleCodeBox(root: string, outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true })
  const ofPyodide = (name: string) => readFileSync(join(root, 'node_modules/pyodide', name))
  const [box, javascript, python] = await Promise.all([
    bundle(root, 'box.ts'),
    bundle(root, 'javascript-worker.ts'),
    bundle(root, 'python-worker.ts'),
  ])
  const large = { 'python.js': python, 'python.wasm': ofPyodide('pyodide.asm.wasm') }
  const library = ofPyodide('python_stdlib.zip')
  const hash = createHash('sha256')
  for (const contents of [...Object.values(large), library]) hash.update(contents)
  const version = hash.digest('hex').slice(0, 16)
  const dir = join(outDir, version)
  if (!existsSync(dir)) {
    const made = mkdtempSync(join(outDir, 'new-'))
    for (const [name, contents] of Object.entries(large)) {
      writeFileSync(join(made, `${name}.gz`), gzipSync(contents, { level: 9 }))
    }
    writeFileSync(join(made, 'python.zip'), library)
    move(made, dir)
  }
  put(join(outDir, 'box.js'), box)
  put(join(outDir, 'javascript.js'), javascript)
  put(join(outDir, 'version'), Buffer.from(version))
}

/** Whole or not at all: another demo of this folder may be starting, or running from it. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    rmSync(from, { recursive: true })
    if (!existsSync(to)) throw error
  }
}

function put(path: string, contents: Uint8Array): void {
  if (existsSync(path) && Buffer.compare(readFileSync(path), contents) === 0) return
  const half = `${path}.${process.pid}`
  writeFileSync(half, contents)
  renameSync(half, path)
}

const probe = 'globalThis.importScripts("data:text/javascript,"),!0'

/**
 * Pyodide asks whether its worker may load scripts by loading an empty one. The box's Content-Security-Policy refuses that,
 * which Firefox reports at each run: the answer is known, and is given without asking.
 */
const quietProbe: Plugin = {
  name: 'quiet-probe',
  setup(building) {
    building.onLoad({ filter: /pyodide[\w.]*\.mjs$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes(probe)) throw new Error(`${path} has another way to know its worker.`)
      return { contents: text.replaceAll(probe, 'false'), loader: 'js' }
    })
  },
}

async function bundle(root: string, entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join('components/playground/code-box', entry)],
    bundle: true,
    write: false,
    // A document without an origin can start no worker that is a module.
    format: 'iife',
    define: { 'import.meta.url': '"https://box.invalid/"' },
    platform: 'browser',
    target: 'es2022',
    // What the interpreter takes from Node, where it runs there.
    external: ['node:*', 'ws'],
    plugins: [quietProbe],
    minifyWhitespace: true,
    logLevel: 'warning',
  })
  const [file] = outputFiles
  if (!file) throw new Error(`Nothing was bundled of ${entry}.`)
  return file.contents
}

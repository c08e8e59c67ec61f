import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodeFileTrace } from '@vercel/nft'
import { layoutOf } from '#server/demo/layout.ts'

/**
 * `npm run image -- DIR [bindery | demo-engine]`, after `npm run build`: lays out what a container holds. That is what
 * its processes load and nothing else: the bundle, the part of node_modules that a trace of it finds, and what the web
 * serves.
 */
const root = join(import.meta.dirname, '../..')
const [target = join(root, '.bindery/image-root'), image = 'bindery'] = process.argv.slice(2)
const layout = layoutOf(root)
const inRoot = (path: string) => path.slice(root.length + 1)

/** Of Next only what starts a finished build: its runtime comes with the build, the rest never runs in a container. */
const left = [
  '**/next/dist/compiled/{next-server,next-devtools,webpack,babel,babel-packages,terser}/**',
  '**/next/dist/{docs,server/dev}/**',
  '**/{sharp,@img,typescript,esbuild}/**',
  // Comes whole, below.
  join(inRoot(layout.bundleDir), 'code-box/**'),
]

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
copy('LICENSE')
if (image === 'demo-engine') await trace(['demo-engine.js', 'solver-worker.js'])
else {
  cpSync(join(layout.nextDir, 'standalone'), target, { recursive: true })
  await trace(['main.js'])
  copy(join(inRoot(layout.nextDir), 'static'))
  copy('public')
  copyCodeBox(join(inRoot(layout.bundleDir), 'code-box'))
  // Read by its path at run time, for pages that hold their fonts themselves: no trace finds that.
  copy('node_modules/katex/dist/katex.min.css')
  copy('node_modules/katex/dist/fonts', (file) => !/\.(ttf|woff)$/.test(file))
}

async function trace(entries: string[]): Promise<void> {
  const files = entries.map((entry) => join(layout.bundleDir, entry))
  const { fileList } = await nodeFileTrace(files, { base: root, ignore: left })
  for (const file of fileList) {
    copy(file)
    // Where an error was thrown is told in the words of the sources.
    const map = `${file}.map`
    if (file.startsWith(inRoot(layout.bundleDir)) && existsSync(join(root, map))) copy(map)
  }
}

/** What runs programs in a browser; builds before this one may have left another interpreter beside it. */
function copyCodeBox(folder: string): void {
  const version = readFileSync(join(root, folder, 'version'), 'utf8')
  for (const part of ['box.js', 'javascript.js', 'version', version]) copy(join(folder, part))
}

function copy(path: string, filter?: (file: string) => boolean): void {
  mkdirSync(dirname(join(target, path)), { recursive: true })
  cpSync(join(root, path), join(target, path), { recursive: true, filter })
}

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { nodeFileTrace } from '@vercel/nft'
import { layoutOf } from '#server/lab/demo/layout.ts'
import { copyTree } from './copy-tree.ts'
import { findEscapes } from './find-escapes.ts'
import { pinnedNodeBinary } from './runtime-node.ts'

export type ImageName = 'bindery' | 'demo-engine'

/**
 * Lays out what a container holds, from a finished build: what its processes load and nothing else. That is the bundle,
 * the part of node_modules that a trace of it finds, what the web serves, and the pinned Node. Throws where the result
 * would lean on the folder of the build. `home` is where it will lie: a program's first line can only name Node by a
 * whole path.
 */
export async function assembleImage(
  root: string,
  target: string,
  image: ImageName,
  home = target,
): Promise<void> {
  const layout = layoutOf(root)
  const inRoot = (path: string) => path.slice(root.length + 1)
  const bundle = inRoot(layout.bundleDir)
  const next = inRoot(layout.nextDir)
  const copy = (path: string, filter?: (file: string) => boolean) =>
    copyTree(join(root, path), join(target, path), filter)

  /** Of Next only what starts a finished build: its runtime comes with the build, the rest never runs in a container. */
  const ignore = [
    '**/next/dist/compiled/{next-server,next-devtools,webpack,babel,babel-packages,terser}/**',
    '**/next/dist/{docs,server/dev}/**',
    '**/{sharp,@img,typescript,esbuild}/**',
    // Comes whole, below.
    join(bundle, 'code-box/**'),
  ]
  async function trace(entries: string[]): Promise<void> {
    const files = entries.map((entry) => join(layout.bundleDir, entry))
    const { fileList } = await nodeFileTrace(files, { base: root, ignore })
    for (const file of fileList) {
      copy(file)
      // Where an error was thrown is told in the words of the sources.
      const map = `${file}.map`
      if (file.startsWith(bundle) && existsSync(join(root, map))) copy(map)
    }
  }

  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  copy('LICENSE')
  copyTree(pinnedNodeBinary(root), join(target, 'bin/node'))
  if (image === 'demo-engine') await trace(['demo-engine.js', 'solver-worker.js'])
  else {
    const standalone = join(layout.nextDir, 'standalone')
    // Next's own entry is never started: ours is.
    for (const name of readdirSync(standalone).filter((name) => name !== 'server.js')) {
      copyTree(join(standalone, name), join(target, name))
    }
    await trace(['main.js', 'export-worker.js', 'log-search-thread.js'])
    copy(join(next, 'static'))
    copy('public')
    // What runs programs in a browser; builds before this one may have left another interpreter beside it.
    const version = readFileSync(join(layout.bundleDir, 'code-box/version'), 'utf8')
    for (const part of ['box.js', 'javascript.js', 'version', version]) {
      copy(join(bundle, 'code-box', part))
    }
    // Read by its path at run time, for pages that hold their fonts themselves: no trace finds that.
    copy('node_modules/katex/dist/katex.min.css')
    copy('node_modules/katex/dist/fonts', (file) => !/\.(ttf|woff)$/.test(file))
    // Last: the trace copies it too.
    // The second is how kubectl finds it: `kubectl bindery doctor`.
    for (const name of ['bindery', 'kubectl-bindery']) {
      writeProgram(join(target, 'bin', name), join(home, 'bin/node'), join(bundle, 'main.js'))
    }
    relocateBuild(join(target, next, 'required-server-files.json'), root)
  }

  const escapes = findEscapes(target, root)
  if (escapes.length > 0) {
    throw new Error(`The image would lean on the folder of the build:\n${escapes.join('\n')}`)
  }
}

/** The settings that a build was made with name its folder; served from another, they are relative to the process's. */
function relocateBuild(settings: string, root: string): void {
  writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll(JSON.stringify(root), '"."'))
}

function writeProgram(file: string, node: string, main: string): void {
  writeFileSync(file, `#!${node} --enable-source-maps\nimport '../${main}'\n`)
  chmodSync(file, 0o755)
}

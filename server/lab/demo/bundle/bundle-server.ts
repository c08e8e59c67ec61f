import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, context } from 'esbuild'
import { bundleCodeBox } from './bundle-code-box.ts'

/**
 * Turns the TypeScript of the processes into plain JavaScript for Node: what our image holds. Packages stay outside,
 * so that each process loads what it needs and nothing is in memory twice.
 */
export async function bundleServer(root: string, outDir: string): Promise<void> {
  const { outputFiles } = await build({ ...optionsOf(root, outDir), write: false })
  for (const { path, contents } of outputFiles) {
    // Another demo of this folder may be running from them: it never meets a half of one.
    if (existsSync(path) && Buffer.compare(readFileSync(path), contents) === 0) continue
    mkdirSync(dirname(path), { recursive: true })
    const half = `${path}.${process.pid}`
    writeFileSync(half, contents)
    renameSync(half, path)
  }
  await bundleCodeBox(root, join(outDir, 'code-box'))
}

/** Bundles anew at every change of a source, until `stop`. `onBundled` hears of each bundle that came out well. */
export async function watchServer(
  root: string,
  outDir: string,
  onBundled: () => void,
): Promise<{ stop(): Promise<void> }> {
  let first = true
  const watcher = await context({
    ...optionsOf(root, outDir),
    plugins: [
      {
        name: 'tell',
        setup: (building) =>
          building.onEnd(({ errors }) => {
            if (!first && errors.length === 0) onBundled()
            first = false
          }),
      },
    ],
  })
  await watcher.watch()
  return { stop: () => watcher.dispose() }
}

function optionsOf(root: string, outDir: string): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: {
      main: 'server/processes/main.ts',
      'demo-engine': 'server/lab/demo-engine/main.ts',
      // Threads of the web: they are started by file name, so they keep one.
      'log-search-thread': 'server/runs/log/search/log-search-thread.ts',
      'export-worker': 'server/playground/verbs/export-worker.ts',
      // A thread of the demo engine: it is started by file name, so it keeps one.
      'solver-worker': 'server/lab/demo-engine/solve/solver-worker.ts',
    },
    outdir: outDir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
  }
}

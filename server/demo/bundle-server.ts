import { build } from 'esbuild'

/**
 * Turns the TypeScript of the processes into plain JavaScript for Node: what our image holds. Packages stay outside,
 * so that each process loads what it needs and nothing is in memory twice.
 */
export async function bundleServer(root: string, outDir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'server/main.ts',
      'demo-engine': 'server/demo-engine/main.ts',
      // A thread of the demo engine: it is started by file name, so it keeps one.
      'solver-worker': 'server/demo-engine/solver-worker.ts',
    },
    outdir: outDir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
}

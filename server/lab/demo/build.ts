import { join } from 'node:path'
import { ensureWeb } from './bundle/build-web.ts'
import { bundleServer } from './bundle/bundle-server.ts'
import { killChildrenOnExit } from './children/kill-children-on-exit.ts'
import { reasonOf } from './children/reason-of.ts'
import { layoutOf } from './layout.ts'
import { createProgress } from './progress.ts'

/** `npm run build`: what the processes run and what the web serves, made anew only where the sources changed. */
const layout = layoutOf(join(import.meta.dirname, '../../..'))
const progress = createProgress(process.stdout)
const leash = killChildrenOnExit()
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stopping.abort(new Error('The build was stopped.')))
}

try {
  await progress.step('Bundling the processes', () => bundleServer(layout.root, layout.bundleDir))
  await ensureWeb(layout, 'Building the web', { progress, leash, signal: stopping.signal })
} catch (error) {
  process.stderr.write(`${reasonOf(stopping.signal.aborted ? stopping.signal.reason : error)}\n`)
  process.exitCode = 1
} finally {
  leash.release()
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildWeb, isWebBuilt } from './build-web.ts'
import { bundleServer } from './bundle-server.ts'
import { layoutOf } from './layout.ts'
import { createProgress } from './progress.ts'

/** `npm run build`: what the processes run and what the web serves, made anew only where the sources changed. */
const layout = layoutOf(join(import.meta.dirname, '../..'))
const progress = createProgress(process.stdout)

try {
  mkdirSync(layout.logsDir, { recursive: true })
  await progress.step('Bundling the processes', () => bundleServer(layout.root, layout.bundleDir))
  if (!isWebBuilt(layout)) await progress.step('Building the web', () => buildWeb(layout))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

import { join } from 'node:path'
import { warnOfOtherNode } from '#server/lab/image/runtime-node.ts'
import { checkNode } from './check-node.ts'
import { reasonOf } from './children/reason-of.ts'

/** `npm run demo` and `npm run dev`: the whole product on one machine, until Ctrl-C. */
const root = join(import.meta.dirname, '../../..')
const stopping = new AbortController()
/** One Ctrl-C reaches us several times: from the terminal, and again through npm and tsx, which pass it on. */
const samePressMs = 1000
let firstAt: number | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort()
    firstAt ??= performance.now()
    // A second press means: now. What is left then ends by the leash.
    if (performance.now() - firstAt > samePressMs) process.exit(1)
  })
}

try {
  checkNode(process.versions.node)
  warnOfOtherNode(root)
  const { demoOptions } = await import('./demo-options.ts')
  const { startDemo } = await import('./start-demo.ts')
  const options = demoOptions(process.argv.slice(2), process.env)
  const demo = await startDemo(root, options, stopping.signal)
  await demo.ended
  process.exit(0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  process.stderr.write(`\n${reasonOf(error)}\n`)
  process.exit(1)
}

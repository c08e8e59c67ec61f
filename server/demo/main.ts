import { join } from 'node:path'
import { demoOptions } from './demo-options.ts'
import { startDemo } from './start-demo.ts'

/** `npm run demo` and `npm run dev`: the whole product on one machine, until Ctrl-C. */
const stopping = new AbortController()
let signals = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort()
    // A second signal means: now. What is left over dies with the pipes that it hangs on.
    if (++signals > 1) process.exit(1)
  })
}

try {
  const options = demoOptions(process.argv.slice(2), process.env)
  const demo = await startDemo(join(import.meta.dirname, '../..'), options, stopping.signal)
  await demo.ended
  process.exit(0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

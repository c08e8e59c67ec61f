import { removeMade } from './leftovers.ts'
import { callerOf } from './target-cluster.ts'

// node --import tsx clean-up-after.ts KUBECONFIG NAMESPACE: waits for the end of a test's process, which holds the other
// end of its standard input, and removes what the test made: also where the test was killed.

const [, , kubeconfig = '', namespace = ''] = process.argv
let finished = false
process.stdin.on('data', () => {
  finished = true
})
process.stdin.on('end', () => {
  if (finished) process.exit(0)
  const { api } = callerOf(kubeconfig)
  void removeMade(api, namespace).finally(() => process.exit(0))
})
// Ctrl-C is for the tests.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

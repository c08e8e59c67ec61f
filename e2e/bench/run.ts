import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** `npm run bench`, or some parts of it: `npm run bench -- logs answers`. One after the other: each wants the machine. */
const parts = {
  'model-path': 'what the way to the model costs, against nginx, and the start of everything',
  start: 'each process until it is ready, from what the image holds, against an empty program',
  decisions: 'from approval to use and from revocation to refusal, against an empty run',
  audit: 'records onto the audit trail and through its verification, against a plain table',
  reconcile: 'a controller in front of 5,000 bindings',
  logs: 'lines per second to a reader, against the API server, and what readers cost',
  'log-view': 'a log of 200,000 lines in a browser, against one plain pass over it',
  answers: 'a page while answers full of LaTeX are written on it, against the same page at rest',
  'compare-answers':
    'pairs of final answers per second, the slowest, and what the page loads for them',
  viewers: 'one generation that 200 follow, against one that one follows',
  attacks: 'the longest wait of another person while somebody does their worst, against none',
  soak: 'what each process holds after rounds of the same work and rest',
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. There are:`)
  for (const [name, what] of Object.entries(parts)) console.error(`  ${name.padEnd(12)} ${what}`)
  process.exit(2)
}
const chosen = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name))
for (const [name, what] of chosen) {
  console.log(`\n── ${name}: ${what}`)
  const file = join(import.meta.dirname, `${name}.ts`)
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', file], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { keepResult } from './keep-result.ts'

/** `npx tsx e2e/bench/audit.ts`: records a second onto the trail and through its verification, with a plain table as 1. */
const file = join(import.meta.dirname, '../../server/processes/audit-verify/audit.bench.ts')
const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', file], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
if (status !== 0) throw new Error(`The measurement ended with ${status}.`)
const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
console.table(measured.rows)
keepResult('audit', measured)

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Keeps what a part measured as JSON, with the machine and what else it had to do, and says where. */
export function keepResult(part: string, measured: object): void {
  const dir = join(root, '.bindery/bench')
  mkdirSync(dir, { recursive: true })
  const at = new Date().toISOString()
  const load = loadavg().map((one) => Number(one.toFixed(1)))
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, load }
  const file = join(dir, `${part}-${at.replaceAll(':', '-')}.json`)
  writeFileSync(file, `${JSON.stringify({ part, at, machine, ...measured }, null, 2)}\n`)
  console.log(`\nKept in ${file.slice(root.length + 1)}`)
}

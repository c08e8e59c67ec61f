import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { digestOf, type KnownImage } from '#server/lab/cluster/images/image-table.ts'

/** The real kubectl, where this machine has it: what a person types is tried with what a person types it into. */
export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** Ends well, or the test fails with what it said. */
export async function runCommand(
  command: string,
  args: string[],
  options: { cwd?: string; env: Record<string, string> },
): Promise<string> {
  const env = { ...process.env, ...options.env }
  const child = spawn(command, args, { ...options, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk
    })
  }
  const [code] = await once(child, 'close')
  expect(code, said).toBe(0)
  return said
}

/** An image whose process is alive and ready on this port of its pod, as each of ours says of itself. */
export function standIn(port: number, digest = digestOf(`stand-in ${port}`)): KnownImage {
  const script = `
    require('node:http').createServer((asked, answer) => answer.end()).listen(${port}, process.env.HOST)
    process.on('SIGTERM', () => process.exit(0))`
  return { digest, entrypoint: [process.execPath, '-e', script] }
}

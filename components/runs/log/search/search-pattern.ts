export type SearchWish = { text: string; regex: boolean; case: boolean; word: boolean }

export const noSearch: SearchWish = { text: '', regex: false, case: false, word: false }

export type Pattern = {
  matches(text: string): boolean
  /** Where in the text, each from and to. */
  ranges(text: string): [number, number][]
}

const rangesMax = 200

/** What to look for; undefined where nothing is asked, an Error in the browser's words where it is no expression. */
export function patternOf(wish: SearchWish): Pattern | Error | undefined {
  if (wish.text === '') return undefined
  if (!wish.regex && !wish.word) return plainPattern(wish.text, wish.case)
  const source = wish.regex ? wish.text : escaped(wish.text)
  const whole = wish.word ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source
  try {
    // Only the bounds of a word need the stricter grammar, which refuses escapes that people are used to.
    const flags = `${wish.case ? '' : 'i'}${wish.word ? 'u' : ''}`
    const test = new RegExp(whole, flags)
    const all = new RegExp(whole, `g${flags}`)
    return {
      matches: (text) => test.test(text),
      ranges: (text) => {
        const found: [number, number][] = []
        for (const match of text.matchAll(all)) {
          if (match[0] !== '') found.push([match.index, match.index + match[0].length])
          if (found.length >= rangesMax) break
        }
        return found
      },
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function plainPattern(text: string, sameCase: boolean): Pattern {
  const wanted = sameCase ? text : text.toLowerCase()
  const seen = (line: string) => (sameCase ? line : line.toLowerCase())
  return {
    matches: (line) => seen(line).includes(wanted),
    ranges: (line) => {
      const found: [number, number][] = []
      const looked = seen(line)
      // A few letters change their length with their case; then places cannot be told.
      if (looked.length !== line.length) return found
      for (let at = looked.indexOf(wanted); at >= 0 && found.length < rangesMax; ) {
        found.push([at, at + wanted.length])
        at = looked.indexOf(wanted, at + wanted.length)
      }
      return found
    },
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

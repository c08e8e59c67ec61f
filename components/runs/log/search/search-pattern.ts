export type SearchWish = { text: string; regex: boolean; case: boolean; word: boolean }

export const noSearch: SearchWish = { text: '', regex: false, case: false, word: false }

export type Pattern = {
  matches(text: string): boolean
  /** Where in the text, each from and to. */
  ranges(text: string): [number, number][]
}

const rangesMax = 200

/** The server's own engine for expressions, loaded where one is asked for. */
export type CompileRegex = (query: { q: string; regex: boolean; case: boolean; word: boolean }) => {
  test(text: string): boolean
  ranges(text: string): [number, number][]
}

/**
 * What to look for; undefined where nothing is asked or `compile` is not there yet, an Error where it is no expression.
 */
export function patternOf(wish: SearchWish, compile?: CompileRegex): Pattern | Error | undefined {
  if (wish.text === '') return undefined
  if (!wish.regex && !wish.word) return plainPattern(wish.text, wish.case)
  if (wish.regex) return regexPattern(wish, compile)
  const whole = `(?<![\\p{L}\\p{N}_])(?:${escaped(wish.text)})(?![\\p{L}\\p{N}_])`
  try {
    const flags = wish.case ? 'u' : 'iu'
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

/** Linear in the text, whatever the expression: one that backtracks would hold the page up for ever. */
function regexPattern(wish: SearchWish, compile?: CompileRegex): Pattern | Error | undefined {
  if (!compile) return undefined
  try {
    const { test, ranges } = compile({ ...wish, q: wish.text })
    return { matches: test, ranges }
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

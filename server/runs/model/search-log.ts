import { RE2JS, RE2JSException } from 're2js'
import { AppError } from '#server/platform/model/errors.ts'
import { expressionSize, expressionSizeMax } from './expression-size.ts'

export type LogQuery = { q: string; regex: boolean; case: boolean; word: boolean }

export type LogMatcher = {
  test(text: string): boolean
  /** Beginning and end (exclusive) of each hit; a hit of no characters has none. */
  ranges(text: string): [number, number][]
}

const rangesMax = 100

/** How rows are searched. Linear in the text, whatever was asked: a regular expression is RE2's, without backtracking. */
export function logMatcher(query: LogQuery): LogMatcher {
  return query.regex ? regexMatcher(query) : textMatcher(query)
}

function regexMatcher(query: LogQuery): LogMatcher {
  const source = query.word ? `\\b(?:${query.q})\\b` : query.q
  const compiled = compile(source, query.case ? 0 : RE2JS.CASE_INSENSITIVE)
  return {
    test: (text) => compiled.test(text),
    ranges(text) {
      const found: [number, number][] = []
      const matcher = compiled.matcher(text)
      while (found.length < rangesMax && matcher.find()) {
        if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()])
      }
      return found
    },
  }
}

function compile(source: string, flags: number): RE2JS {
  if (expressionSize(source) > expressionSizeMax) {
    throw badRegex('it is too large: its counted repetitions multiply.')
  }
  try {
    return RE2JS.compile(source, flags)
  } catch (error) {
    // A stack that is too deep is no expression either.
    if (!(error instanceof RE2JSException || error instanceof RangeError)) throw error
    throw badRegex(error.message)
  }
}

export function badRegex(why: string): AppError {
  const message = `This is no regular expression that can be searched for: ${why.slice(0, 300)}`
  const fields = [{ field: 'q', message }]
  return new AppError('bad-request', message, { key: 'log.badRegex', fields })
}

/** Letters of a text are compared one by one: nothing in it has a meaning of its own. */
function textMatcher(query: LogQuery): LogMatcher {
  const escaped = query.q.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const pattern = new RegExp(escaped, query.case ? 'gu' : 'giu')
  function* hits(text: string): Generator<[number, number]> {
    pattern.lastIndex = 0
    for (let hit = pattern.exec(text); hit; hit = pattern.exec(text)) {
      const end = hit.index + hit[0].length
      if (!query.word || isWord(text, hit.index, end)) yield [hit.index, end]
      // A hit that is no word may overlap one that is.
      else pattern.lastIndex = hit.index + 1
    }
  }
  return {
    test: (text) => !hits(text).next().done,
    ranges(text) {
      const found: [number, number][] = []
      for (const hit of hits(text)) {
        if (found.push(hit) >= rangesMax) break
      }
      return found
    },
  }
}

function isWord(text: string, start: number, end: number): boolean {
  return (
    !(joins(text.charAt(start - 1)) && joins(text.charAt(start))) &&
    !(joins(text.charAt(end - 1)) && joins(text.charAt(end)))
  )
}

function joins(character: string): boolean {
  return /[\p{L}\p{N}_]/u.test(character)
}

import { maskOf, productRules, type RedactionRule } from './redaction-rules.ts'

/** So many lines of a private key have been seen: 0 outside of one. All that has to be kept between two lines. */
export type RedactionState = number

export type Redactor = {
  /** A whole line, in the order of the log. */
  line(text: string): string
  state(): RedactionState
}

const keyBegins = /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/
const keyEnds = /-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/
/** The longest key in use has some hundred lines: one whose end never comes must not hide the rest of a log. */
const keyLinesMax = 500
const keyMask = maskOf('private-key')

/**
 * Takes secrets out of a log, line by line; a private key is one over many lines. Secrets never lie across two other
 * lines, so it does not matter how the bytes came.
 */
export function createRedactor(
  custom: readonly RedactionRule[] = [],
  before: RedactionState = 0,
): Redactor {
  const rules = [...custom, ...productRules]
  let keyLines = before

  function withoutKeys(text: string): string {
    let out = ''
    let rest = text
    while (rest !== '') {
      if (keyLines > 0) {
        const end = keyEnds.exec(rest)
        if (!end) {
          keyLines = keyLines < keyLinesMax ? keyLines + 1 : 0
          return out.endsWith(keyMask) ? out : out + keyMask
        }
        keyLines = 0
        if (!out.endsWith(keyMask)) out += keyMask
        rest = rest.slice(end.index + end[0].length)
      } else {
        const begin = keyBegins.exec(rest)
        if (!begin) return out + rest
        out += rest.slice(0, begin.index) + keyMask
        rest = rest.slice(begin.index + begin[0].length)
        keyLines = 1
      }
    }
    return out
  }

  return {
    line(text) {
      let safe = keyLines > 0 || text.includes('PRIVATE KEY') ? withoutKeys(text) : text
      for (const rule of rules) safe = rule.redact(safe)
      return safe
    },
    state: () => keyLines,
  }
}

const secretCharactersMax = 8192

/**
 * What is left of a line that was cut, without its last word: it may be half a secret, which no rule knows. Of a word that
 * is too long to be a secret only the end is taken away.
 */
export function withoutLastWord(text: string): string {
  for (let end = text.length; end > text.length - secretCharactersMax && end > 0; end--) {
    if (/\s/.test(text.charAt(end - 1))) return text.slice(0, end)
  }
  return text.slice(0, -secretCharactersMax)
}

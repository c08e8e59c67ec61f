import { spend, undecided } from '#server/answers/work.ts'
import { matchingBrace } from './clean-text.ts'
import { isUnitWord, plainCommands } from './known-words.ts'

/** `gap`: white space stood before it. */
export type Token =
  | { t: 'num'; s: string; gap: boolean }
  | { t: 'cmd'; s: string; gap: boolean }
  | { t: 'chr'; s: string; gap: boolean }
  | { t: 'txt'; s: string; gap: boolean }

const textCommands = new Set([
  'text',
  'textbf',
  'textrm',
  'textit',
  'textsf',
  'texttt',
  'textnormal',
  'mbox',
  'hbox',
  'mathrm',
  'rm',
  'operatorname',
  'mathit',
  'mathsf',
  'mathbf',
  'boldsymbol',
  'bm',
  'bf',
  'emph',
  'textup',
  'underline',
  'boxed',
  'fbox',
  'mathcal',
  'mathscr',
  'vec',
  'hat',
  'widehat',
  'overrightarrow',
  'operatorname*',
])
const symbolCommands = new Set(['vec', 'hat', 'widehat', 'overrightarrow', 'mathcal', 'mathscr'])
const grouping = new Set(['underline', 'boxed', 'fbox', 'boldsymbol', 'bm'])
const spaces = new Set([
  'quad',
  'qquad',
  'enspace',
  'thinspace',
  'space',
  'phantom',
  ',',
  ';',
  ':',
  '!',
  ' ',
  '/',
])
const tokensMax = 8000

/** The tokens of a cleaned text. `\,` between digits is kept as `\,` for numbers; other spaces only set `gap`. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let gap = false
  let at = 0
  const push = (t: Token['t'], s: string) => {
    spend(1)
    if (tokens.length > tokensMax) undecided('too long')
    tokens.push({ t, s, gap })
    gap = false
  }
  while (at < text.length) {
    const rest = text.slice(at, at + 64)
    const sign = text[at] ?? ''
    if (/\s|~/.test(sign)) {
      gap = true
      at++
    } else if (/[0-9]/.test(sign) || (sign === '.' && /[0-9]/.test(text[at + 1] ?? ''))) {
      let end = at
      while (/[0-9]/.test(text[end] ?? '')) end++
      if (
        text[end] === '.' &&
        text.slice(end, end + 3) !== '...' &&
        !(text[end + 1] === '\\' && /^\\[lcd]?dots/.test(text.slice(end + 1, end + 8)))
      )
        end++
      while (/[0-9]/.test(text[end] ?? '')) end++
      push('num', text.slice(at, end))
      at = end
    } else if (sign === '\\') {
      const name = /^\\([a-zA-Z]+\*?)/.exec(rest)?.[1] ?? text[at + 1] ?? ''
      if (name === '') undecided('unparsable')
      at += 1 + name.length
      if (textCommands.has(name)) {
        const word = wordArgument(text, at)
        if (!word) continue
        at = word.end
        if (grouping.has(name)) {
          for (const token of tokensOf(word.text)) tokens.push(token)
          continue
        }
        pushWord(name, word.text, tokens, push)
      } else if (
        name === ',' &&
        tokens.at(-1)?.t === 'num' &&
        /^[0-9]{3}(?![0-9])/.test(text.slice(at, at + 4))
      )
        push('cmd', ',')
      else if (spaces.has(name)) gap = true
      else push('cmd', name)
    } else if (/[a-zA-Z]/.test(sign)) {
      const run = /^[a-zA-Z]+/.exec(rest)?.[0] ?? sign
      at += letterRun(run, tokens, gap && isLastPart(text, at), push)
    } else if (sign === '.' && text.startsWith('...', at)) {
      push('cmd', 'ldots')
      at += 3
    } else if (/[\u3400-\u9fff]/.test(sign)) {
      const run = /^[\u3400-\u9fff]+/.exec(text.slice(at, at + 400))?.[0] ?? sign
      push('txt', run)
      at += run.length
    } else {
      const two = text.slice(at, at + 2)
      const pair = {
        '<=': 'le',
        '>=': 'ge',
        '!=': 'ne',
        '=<': 'le',
        '=>': 'Rightarrow',
        '->': 'to',
        '**': 'pow',
        '==': 'eq',
      }[two]
      if (pair && !(two === '!=' && tokens.at(-1)?.t === 'num' && !gap)) {
        if (pair === 'pow') push('chr', '^')
        else if (pair === 'eq') push('chr', '=')
        else push('cmd', pair)
        at += 2
      } else {
        push('chr', sign)
        at += sign.length
      }
    }
  }
  return tokens
}

function wordArgument(text: string, from: number): { text: string; end: number } | undefined {
  let at = from
  while (/\s/.test(text[at] ?? '')) at++
  if (text[at] === '{') {
    const end = matchingBrace(text, at)
    if (end < 0) undecided('unparsable')
    return { text: text.slice(at + 1, end), end: end + 1 }
  }
  const single = /^(?:\\[a-zA-Z]+|[a-zA-Z0-9])/.exec(text.slice(at, at + 40))?.[0]
  return single ? { text: single, end: at + single.length } : undefined
}

function pushWord(
  command: string,
  content: string,
  tokens: readonly Token[],
  push: (t: Token['t'], s: string) => void,
): void {
  const word = content.replace(/\\[,;:! ]|~/g, ' ').replace(/\\([%$&#_])/g, '$1')
  const trimmed = word.trim()
  if (trimmed === '') return
  if (symbolCommands.has(command)) {
    push('cmd', `sym:${command}:${trimmed}`)
    return
  }
  if (/^[:,;=+\-()[\]<>]$/.test(trimmed) || /^[0-9]+$/.test(trimmed)) {
    push(/[0-9]/.test(trimmed) ? 'num' : 'chr', trimmed)
    return
  }
  const isUpright =
    command.startsWith('math') ||
    command === 'rm' ||
    command === 'bf' ||
    command === 'bm' ||
    command.startsWith('operatorname')
  const isUnit = isUnitWord(trimmed) && isBehindNumber(tokens)
  if (/^[a-zA-Z]$/.test(trimmed) && isUpright) {
    push(isUnit ? 'txt' : 'chr', trimmed)
    return
  }
  const known = plainCommands[trimmed.toLowerCase()]
  if (known && known !== 'e') {
    push('cmd', known)
    return
  }
  if (/^\d[\d.,]*\s*[a-zA-Z%]/.test(trimmed) && !isUpright) {
    for (const token of tokensOf(trimmed)) push(token.t, token.s)
    return
  }
  if (
    isUpright &&
    isBehindNumber(tokens) &&
    /^[a-zA-Z]+(?:\/[a-zA-Z]+)?\^\{?-?[1-4]\}?$/.test(trimmed)
  ) {
    push('txt', trimmed)
    return
  }
  if (/[\\^_{$]/.test(trimmed)) {
    if (isUpright || /^\$.*\$$/.test(trimmed)) {
      for (const token of tokensOf(trimmed.replace(/^\$|\$$/g, ''))) push(token.t, token.s)
      return
    }
    if (!/^[a-zA-Z/\s]+\^\{?[23]\}?$/.test(trimmed)) undecided('text changes the meaning')
  }
  push('txt', trimmed)
}

/** A run of letters: a known name, a unit behind a number, a word, or else one letter (a product of variables). */
function letterRun(
  run: string,
  tokens: readonly Token[],
  isSpacedEnd: boolean,
  push: (t: Token['t'], s: string) => void,
): number {
  const name = plainCommands[run] ?? (run.length > 3 ? plainCommands[run.toLowerCase()] : undefined)
  if (name && run.length > 1) {
    push('cmd', name)
    return run.length
  }
  if (
    isUnitWord(run) &&
    isBehindNumber(tokens) &&
    (run.length > 1 || isSpacedEnd || tokens.at(-1)?.s === '/')
  ) {
    push('txt', run)
    return run.length
  }
  if (run.length > 3 && !/^[a-z]?[A-Z]+$/.test(run)) {
    const prefix = Object.keys(plainCommands).find(
      (word) => word.length > 2 && run.startsWith(word),
    )
    const own = prefix ? plainCommands[prefix] : undefined
    if (prefix && own && run.length - prefix.length <= 2) {
      push('cmd', own)
      return prefix.length
    }
    push('txt', run)
    return run.length
  }
  push('chr', run[0] ?? '')
  return 1
}

/** A number, a group or another unit stands before: `60 km/h`. */
function isBehindNumber(tokens: readonly Token[]): boolean {
  const before = tokens.at(-1)
  if (before?.t === 'chr' && before.s === '/') return tokens.at(-2)?.t === 'txt'
  return before?.t === 'num' || before?.t === 'txt' || (before?.t === 'chr' && before.s === '}')
}

/** `3 g`, `10 m/s`: a letter apart at the end of an answer is a unit. */
function isLastPart(text: string, at: number): boolean {
  return /^[a-zA-Z](?:\^\{?[23]\}?)?(?:\/[a-zA-Z]+(?:\^\{?[23]\}?)?)?\s*$/.test(
    text.slice(at, at + 24),
  )
}

import { rational } from '#server/answers/exact/rational.ts'
import { undecided } from '#server/answers/work.ts'
import { unitOf } from './known-words.ts'
import type { Node } from './node.ts'
import { baseValue } from './parse-number.ts'
import { readDate } from './read-date.ts'

/** Answers that are no formula as a whole: words, choices, times, dates, ratios; else the formula. */
export function readWhole(clean: string, formula: (text: string) => Node): Node {
  const bare = withoutText(clean)
  const date = readDate(bare)
  if (date) return { k: 'date', key: date }
  const clock = readClock(bare)
  if (clock) return clock
  const choice = readChoice(clean, bare, formula)
  if (choice) return choice
  const words = readWords(clean, bare)
  if (words) return words
  if (/^[^:]+(?::[^:]+)+$/.test(bare) && !/\\[{}]|[=<>|,]|\\(?:in|mid|text)|\{[^}]*:/.test(bare))
    return { k: 'ratio', parts: bare.split(':').map(formula) }
  const label =
    /^(?:\\(?:text|mathrm|textbf)\s*\{([^{}\\]*[a-z\u3400-\u9fff][^{}\\]*)\}|([A-Za-z]{4,}(?: [A-Za-z]+)*|[\u3400-\u9fff]+))\s*(?:=|:)\s*(\S.*)$/.exec(
      clean,
    )
  const name = label?.[1] ?? label?.[2]
  if (name && label?.[3])
    return {
      k: 'rel',
      ops: ['='],
      args: [{ k: 'sym', name: `"${normalWords(name)}"` }, readWhole(label[3], formula)],
    }
  const hex = /^(?:0x([0-9a-fA-F]+)|([0-9A-F]*[A-F][0-9A-F]*)_\{?(1[1-6])\}?)$/.exec(
    withoutText(clean),
  )
  const letters = hex?.[1] ?? hex?.[2]
  if (letters && (/\d/.test(letters) || letters.length > 1 || hex?.[1]))
    return baseValue(letters, Number(hex?.[3] ?? 16))
  // ]0, 1[ is (0, 1).
  const outward = /^([[\]])([^[\]()]+,[^[\]()]+)([[\]])$/.exec(clean)
  if (outward?.[2] && (outward[1] === ']' || outward[3] === '['))
    return formula(
      `${outward[1] === ']' ? '(' : '['}${outward[2]}${outward[3] === '[' ? ')' : ']'}`,
    )
  const integers = clean
    .replace(
      /(?:,|\\text\{\s*,?\s*(?:where|for|with)?\s*\}|where|for|with|其中)?\s*(?:\\text\{\s*)?(?:,?\s*(?:where|for|with)\s+)?(?:(?:any|all|every|some|each)\s+)?(?:integers?|整数)\s*\}?\s*\$?([a-z])\$?\s*$/i,
      ', $1\\in\\mathbb{Z}',
    )
    .replace(
      /(?:,|\\text\{\s*,?\s*(?:where|for|with)\s*\}|where|for|with|其中)\s*\$?([a-z])\$?\s*(?:\\text\{)?\s*(?:is|为|是|are)\s*(?:an?|any|任意)?\s*(?:integers?|整数)\s*\}?\s*$/i,
      ', $1\\in\\mathbb{Z}',
    )
    .replace(
      /\\text\{\s*(?:where|for|with)\s+([a-z])\s+is\s+an?\s+integer\s*\}/i,
      ', $1\\in\\mathbb{Z}',
    )
    .replace(/,\s*,/g, ',')
  return formula(integers)
}

/** \text{…} opened, for what is words as a whole. */
function withoutText(clean: string): string {
  return clean
    .replace(
      /\\(?:text|textbf|textrm|textit|mbox|mathrm|mathbf|operatorname|emph|textnormal|hbox)\s*\{([^{}\\]*)\}/g,
      '$1',
    )
    .replace(/\\[,;:! ]|~/g, ' ')
    .replace(/\\\$/g, '$')
    .replace(/\s+/g, ' ')
    .trim()
}

function readClock(bare: string): Node | undefined {
  const found =
    /^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([ap])\.?\s?m\.?)?(?:\s*o'clock)?$/i.exec(bare) ??
    /^(\d{1,2})()()\s*([ap])\.?\s?m\.?$/i.exec(bare)
  if (!found) return undefined
  const [, hours = '', minutes = '', seconds, half] = found
  const hour = Number(hours)
  const minute = Number(minutes || 0)
  if (hour > 24 || minute > 59 || Number(seconds ?? 0) > 59) return undefined
  const isAfternoon = half?.toLowerCase() === 'p'
  if (half && (hour < 1 || hour > 12)) return undecided('time of day')
  const base = half ? (hour % 12) + (isAfternoon ? 12 : 0) : hour
  return {
    k: 'clock',
    minutes: base * 60 + minute,
    ...(half || hour > 12 || hour === 0 || /^0/.test(hours)
      ? { half: base < 12 ? 'am' : 'pm' }
      : {}),
    ...(seconds === undefined || seconds === '' ? {} : { seconds: Number(seconds) }),
  }
}

/** (B), B., B) 50, \textbf{(B)} 50: a letter of choice, perhaps with what it stands for. */
function readChoice(
  clean: string,
  bare: string,
  formula: (text: string) => Node,
): Node | undefined {
  const alone = /^(?:(?:option|choice|answer|选项|选)\s*:?\s*)?[([]?\s*([A-J])\s*[)\].:]?$/i.exec(
    bare,
  )
  if (alone?.[1] && (alone[1] === alone[1].toUpperCase() || /[([]|option|choice|选/i.test(bare)))
    return { k: 'choice', letter: alone[1].toUpperCase() }
  const behind =
    /^(?:\\(?:text|textbf|mathrm|mathbf)\s*\{\s*)?(?:\(([A-J])\)|([A-J])[).:])\s*\}?\s*(?:\\[,;: ]|~|\s|\\q?quad)*(.+)$/.exec(
      clean,
    )
  const letter = behind?.[1] ?? behind?.[2]
  if (!letter || !behind?.[3]) return undefined
  const rest = behind[3].trim()
  if (/^[=<>^_+*/,]|^\\(?:cup|cap|in|le|ge)/.test(rest) || /^[=<>]/.test(rest)) return undefined
  try {
    return {
      k: 'choice',
      letter,
      rest: readWhole(rest.replace(/\}$/, rest.includes('{') ? '}' : ''), formula),
    }
  } catch {
    return { k: 'choice', letter, rest: { k: 'words', text: rest } }
  }
}

const numbers =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )
const chineseDigits = '零一二三四五六七八九十'
const short = new Set(
  'yes no even odd true false none all both red blue left right up down mon tue wed thu fri sat sun dne'.split(
    ' ',
  ),
)

/** Words, without case, article and punctuation. */
function readWords(clean: string, bare: string): Node | undefined {
  const isText =
    /^\s*\\(?:text|textbf|textrm|textit|mbox|mathrm|emph|textnormal)\s*\{[^{}\\]*\}\s*$/.test(clean)
  if (!/^[\p{L}\s,.'’\-()/]+$/u.test(bare) || /[\\^_]/.test(bare)) return undefined
  const text = normalWords(bare)
  if (text === '') return undefined
  const meaning = meaningOf(text)
  if (meaning) return meaning
  const isWord =
    text.split(' ').some((word) => /^[a-z']{4,}$/.test(word) || short.has(word)) ||
    /[\u3400-\u9fff]/.test(text)
  if (
    isText
      ? text.length > 1
      : isWord &&
        !/[()]/.test(bare) &&
        !/^[a-z]?(?:sin|cos|tan|ln|log|sqrt|arc|exp|theta|alpha|beta|infty|inf$|oo$|pi)/.test(text)
  ) {
    if (isText && unitOf(text)) return undecided('unit without a number')
    return { k: 'words', text }
  }
  return undefined
}

export function normalWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[’]/g, "'")
    .replace(/[.,()]/g, ' ')
    .replace(/\b(?:the|an|a)\b\s+(?=\S)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function meaningOf(text: string): Node | undefined {
  if (
    /^(?:there (?:is|are) )?no (?:real |such |valid |integer )?(?:solutions?|roots?|values?|answers?)(?: exists?)?$/.test(
      text,
    ) ||
    /^(?:empty set|null set|无解|空集|没有解|无实数解|方程无解|不存在解)$/.test(text)
  )
    return { k: 'empty' }
  if (
    /^(?:all|any|every|set of all)(?: of)?(?: the)? real(?: number| value)?s?(?: x)?$|^(?:all reals|real numbers|reals|全体实数|所有实数|一切实数|任意实数|实数集)$/.test(
      text,
    )
  )
    return { k: 'space', name: 'R' }
  if (/^(?:all|any|every|set of all) integers?$|^(?:全体整数|所有整数|整数集)$/.test(text))
    return { k: 'space', name: 'Z' }
  if (/^(?:positive )?infinity$|^(?:正)?无穷大?$/.test(text)) return { k: 'inf' }
  if (/^(?:negative|minus) infinity$|^负无穷大?$/.test(text)) return { k: 'neg', a: { k: 'inf' } }
  const value = numbers.indexOf(text)
  if (value >= 0) return { k: 'num', value: rational(value) }
  const digit = text.length === 1 ? chineseDigits.indexOf(text) : -1
  if (digit >= 0) return { k: 'num', value: rational(digit) }
  return undefined
}

import type { Answer } from './answer.ts'
import { different, equal, type Outcome, open } from './outcome.ts'

const affirmative = new Set(['yes', 'true', '是', '对', '正确', 'correct'])
const negative = new Set(['no', 'false', '否', '错', '不是', '错误', 'incorrect', '不正确'])

/** Words, compared as words after case and article. */
export function compareWords(a: string, b: string): Outcome {
  if (a === b) return equal('same words')
  const plain = (text: string) => text.replace(/-/g, ' ').replace(/\s+/g, ' ')
  if (plain(a) === plain(b)) return equal('same words')
  if (hasPolarity(a) && hasPolarity(b))
    return affirmative.has(a) === affirmative.has(b)
      ? open('words of one meaning')
      : different('different words')
  const sorted = (text: string) =>
    plain(text)
      .split(/ and | or |[ ,]/)
      .filter(Boolean)
      .sort()
      .join(' ')
  if (sorted(a) === sorted(b)) return open('the same words in another order')
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (hasPolarity(short) && long.startsWith(short)) return open('words with an explanation')
  if (/[\u3400-\u9fff]/.test(a) !== /[\u3400-\u9fff]/.test(b)) return open('words of two languages')
  return different('different words')
}

function hasPolarity(text: string): boolean {
  return affirmative.has(text) || negative.has(text)
}

export function compareClocks(
  a: Extract<Answer, { is: 'clock' }>['node'],
  b: Extract<Answer, { is: 'clock' }>['node'],
): Outcome {
  const seconds = (a.seconds ?? 0) === (b.seconds ?? 0)
  if (a.minutes === b.minutes && seconds) {
    if (Boolean(a.half) === Boolean(b.half)) return equal('same time')
    return open('morning or afternoon')
  }
  const isHalfDayApart = seconds && Math.abs(a.minutes - b.minutes) === 720 && !(a.half && b.half)
  return isHalfDayApart ? open('morning or afternoon') : different('different time')
}

export function compareDates(a: string, b: string): Outcome {
  if (a === b) return equal('same date')
  const day = (key: string) => key.slice(-5)
  if (day(a) !== day(b)) return different('different date')
  return a.startsWith('-') || b.startsWith('-')
    ? open('date without a year')
    : different('different date')
}

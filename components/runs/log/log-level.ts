export const levels = ['error', 'warn', 'info', 'debug'] as const
export type Level = (typeof levels)[number]

const words: Record<string, Level> = {
  fatal: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  emerg: 'error',
  alert: 'error',
  error: 'error',
  err: 'error',
  severe: 'error',
  failed: 'error',
  warning: 'warn',
  warn: 'warn',
  info: 'info',
  notice: 'info',
  debug: 'debug',
  dbug: 'debug',
  trace: 'debug',
}

const klogLetters: Record<string, Level> = { F: 'error', E: 'error', W: 'warn', I: 'info' }

const headMax = 240
const names = Object.keys(words).join('|')
const json = new RegExp(`"(?:level|severity|lvl|levelname)"\\s*:\\s*"?(${names}|[1-6]0)\\b`, 'i')
const logfmt = new RegExp(`\\b(?:level|severity|lvl)=["']?(${names})\\b`, 'i')
/** `[warn]`, `ERROR:`, `npm ERR!`, `WARN ` after a time: upper case, in brackets, or followed by a colon. */
const upper = new RegExp(`(?:^|[\\s[(|])(${names.toUpperCase()})(?=$|[\\s:!\\])|=-])`)
const bracketed = new RegExp(`\\[\\s*(${names})\\s*\\]`, 'i')
const leading = new RegExp(`^\\s*(?:\\S+: )?(${names})\\s*:`, 'i')
/** What our own steps end with when they refuse. */
const refusal = /^\s*[✗✘]/
/** `Error from server`, `Failed to pull`: a sentence that begins so. */
const sentence = /^\s*(Error|Fatal|Failed|Warning)\b/
const klog = /^([FEWI])\d{4} \d\d:\d\d:\d\d/
const command = /^::(error|warning|notice|debug)\b[^:]*::/

/** Most lines say nothing of the kind: one look tells, before each way of saying it is tried. */
const hint = new RegExp(`${names}|"(?:level|lvl)|[✗✘]|^[FEWI]\\d{4} `, 'i')

/** How serious a line is by its own words; undefined where it does not say. Only the beginning of a line is read. */
export function levelOf(text: string): Level | undefined {
  const head = text.length > headMax ? text.slice(0, headMax) : text
  if (!hint.test(head)) return undefined
  const found =
    (isJson(head) ? json : undefined)?.exec(head) ??
    command.exec(head) ??
    logfmt.exec(head) ??
    upper.exec(head) ??
    bracketed.exec(head) ??
    leading.exec(head) ??
    sentence.exec(head)
  const word = found?.[1]?.toLowerCase()
  if (word) return words[word] ?? levelOfNumber(Number(word))
  if (refusal.test(head)) return 'error'
  return klogLetters[klog.exec(head)?.[1] ?? '']
}

/** A line that is one JSON object, by its two ends; whether it parses is found out when it is opened. */
export function isJson(text: string): boolean {
  return text.startsWith('{')
}

/** pino and bunyan count in tens: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function levelOfNumber(level: number): Level {
  if (level >= 50) return 'error'
  if (level >= 40) return 'warn'
  return level >= 30 ? 'info' : 'debug'
}

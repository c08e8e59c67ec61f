import { RE2JS, RE2JSException } from 're2js'
import { AppError } from '#server/platform/model/errors.ts'
import { expressionSize, expressionSizeMax } from './expression-size.ts'

/** Masks what it finds in a line. All of them take time linear in the line, whatever is in it. */
export type RedactionRule = { name: string; redact(text: string): string }

/** Without a blank, so that what was redacted stays as it is when it is redacted again. */
export function maskOf(name: string): string {
  return `[redacted:${name}]`
}

/** Names whose values are secrets; what may follow is part of the name. `tokens` are counted here, not kept. */
const secretName =
  '(?:pass(?:word|wd|phrase)|secret|token(?![a-rt-z]|s\\b|s_)|(?:api|access|account|private|signing|encryption|shared)[_-]?key|credentials?|[_-]pwd|_auth)(?:[_-]?(?:value|key|data|base64|[0-9]{1,3}))?'

/** `bearer` is also a word: what follows is a token if it is long, or has more than letters. */
const bearerToken = '(?:(?=[\\w.~+/=-]*[\\d.~+/=_-])[\\w.~+/=-]{8,}|[\\w.~+/=-]{20,})'

/** In quotes of any kind; where the closing one is missing, all that is left. */
const quotedValue = `\\\\"(?!\\[redacted:).+?(?:\\\\"|$)|"(?!\\[redacted:)(?:[^"\\\\]|\\\\.)+(?:"|\\\\?$)|'(?!\\[redacted:)[^']+(?:'|$)`

/**
 * The rules of the product, in the order in which they are tried. `secret` is masked, in the group of that name where
 * there is one; `hint` is a cheap look that spares most lines the rest.
 */
const table: { name: string; hint: RegExp; secret: RegExp }[] = [
  {
    name: 'jwt',
    hint: /eyJ/,
    secret: /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/g,
  },
  {
    name: 'authorization',
    hint: /authorization/i,
    secret:
      /authorization\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?(?:[a-z]{2,20}\s{1,8})?(?<secret>(?!\[redacted:|[a-z]{2,20}\s{1,8}\[redacted:)[^\s"'\\]{4,})/gi,
  },
  {
    name: 'bearer',
    hint: /bearer/i,
    secret: new RegExp(`\\bbearer\\s{1,8}(?<secret>${bearerToken})`, 'gi'),
  },
  {
    name: 'url-password',
    hint: /:\/\//,
    secret: /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/?#]*:(?<secret>(?!\[redacted:)[^\s/]+)@/gi,
  },
  {
    name: 'aws-key',
    hint: /A(?:KI|SI|RO|ID|GP|NP|NV)A/,
    secret: /\bA(?:KI|SI|RO|ID|GP|NP|NV)A[A-Z0-9]{16}\b/g,
  },
  {
    name: 'gcp-key',
    hint: /AIza|ya29\.|GOCSPX-/,
    secret: /\bAIza[\w-]{35}|\bya29\.[\w.-]{20,}|\bGOCSPX-[\w-]{20,}/g,
  },
  {
    name: 'azure-key',
    hint: /sig=|8Q~/,
    secret: /(?<=[?&]sig=)(?!\[redacted:)[^&\s"']{10,}|\b\w{3}8Q~[\w.~-]{30,}/g,
  },
  {
    name: 'git-token',
    hint: /gh[pousr]_|github_pat_|glpat-/,
    secret: /\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20,}/g,
  },
  {
    name: 'slack-token',
    hint: /xox|xapp-|hooks\.slack/,
    secret: /\bxox[a-z]-[\w-]{10,}|\bxapp-[\w-]{10,}|(?<=hooks\.slack\.com\/services\/)[\w/]{10,}/g,
  },
  {
    name: 'api-key',
    hint: /\b(?:sk|hf|npm|pypi|dckr)[-_]/,
    secret:
      /\b(?:sk-[\w-]{20,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36,}|pypi-[\w-]{40,}|dckr_pat_[\w-]{20,})/g,
  },
  {
    // A line that sets a variable and nothing else: its value goes to the end of the line, blanks and all.
    name: 'variable',
    hint: /=/,
    secret: new RegExp(
      `^\\s*(?:export\\s{1,8}|set\\s{1,8})?[\\w.-]{0,64}?${secretName}[\\w.-]{0,32}=(?<secret>(?!\\[redacted:|["'])\\S.*)$`,
      'gi',
    ),
  },
  {
    name: 'value',
    hint: /[:=]/,
    secret: new RegExp(
      `${secretName}(?:\\\\?["']\\s{0,8}(?:=>|:=|=|:(?!:))\\s{0,8}(?<quoted>${quotedValue}|(?!\\[redacted:)[^\\s,}\\]"'\\\\]+)|\\s{0,8}(?:=>|:=|=|:(?!:))\\s{0,8}(?<secret>${quotedValue}|(?!\\[redacted:|["']|\\\\")\\S+))`,
      'gi',
    ),
  },
]

const harmless = /^["'\\]*(?:true|false|null|none|nil|undefined|yes|no|ok)?["'\\,;.)}\]]*$/i
const count = /token\\?["']?\s*[:=]+\s*\d{1,9}[,;.)}\]]*$/i

function productRule({ name, hint, secret }: (typeof table)[number]): RedactionRule {
  return {
    name,
    redact(text) {
      if (!hint.test(text)) return text
      return text.replace(secret, (match, ...rest) => {
        const groups: Record<string, string | undefined> | string = rest.at(-1)
        const found = typeof groups === 'string' ? match : (groups.secret ?? groups.quoted)
        if (!found || (found !== match && (harmless.test(found) || count.test(match)))) return match
        const at = match.lastIndexOf(found)
        // A value that is quoted stays so: what was JSON is JSON.
        const [, quote = ''] = /^(\\?["']).*\1$/s.exec(found) ?? []
        return match.slice(0, at) + quote + maskOf(name) + quote + match.slice(at + found.length)
      })
    },
  }
}

export const productRules: RedactionRule[] = table.map(productRule)

/** An administrator's rule, in RE2's syntax: the first group is the secret, or all of it where there is none. */
export function customRule(name: string, pattern: string): RedactionRule {
  if (!/^[\w.-]{1,63}$/.test(name) || pattern.length > 1_000) {
    throw new AppError('bad-request', `The redaction rule ${name} is too long.`)
  }
  const compiled = compile(name, pattern)
  const group = compiled.groupCount() > 0 ? 1 : 0
  return {
    name,
    redact(text) {
      if (!compiled.test(text)) return text
      const matcher = compiled.matcher(text)
      let out = ''
      let done = 0
      while (matcher.find()) {
        const start = matcher.start(group)
        const end = matcher.end(group)
        if (start < done || end <= start) continue
        out += text.slice(done, start) + maskOf(name)
        done = end
      }
      return out + text.slice(done)
    },
  }
}

function compile(name: string, pattern: string): RE2JS {
  if (expressionSize(pattern) > expressionSizeMax) {
    throw new AppError('bad-request', `The redaction rule ${name} is too large.`)
  }
  try {
    const compiled = RE2JS.compile(pattern)
    if (!compiled.test('')) return compiled
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new AppError('bad-request', `The redaction rule ${name}: ${error.message}`)
  }
  throw new AppError('bad-request', `The redaction rule ${name} finds a secret in nothing.`)
}

import { badRequest } from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'

export type Matches = (object: KubeObject) => boolean

const wordCharacters = /[A-Za-z0-9_./-]/

/** Parses `a=b,c in (d,e),!f`; the errors are the API server's. */
export function parseLabelSelector(text: string): Matches {
  const tokens = tokenize(text)
  const tests: ((labels: Record<string, string>) => boolean)[] = []
  let at = 0
  const next = () => tokens[at++] ?? ''
  while (at < tokens.length) {
    const negated = tokens[at] === '!'
    if (negated) at += 1
    const key = next()
    checkKey(key)
    const operator = at < tokens.length && tokens[at] !== ',' ? next() : 'exists'
    if (negated) {
      if (operator !== 'exists')
        throw unparsable(`found '${operator}', expected: ',' or 'end of string'`)
      tests.push((labels) => !(key in labels))
    } else tests.push(requirement(key, operator, next, () => tokens[at] ?? ''))
    if (at < tokens.length) {
      const comma = next()
      if (comma !== ',') throw unparsable(`found '${comma}', expected: ',' or 'end of string'`)
      if (at === tokens.length) throw unparsable("found '', expected: identifier after ','")
    }
  }
  return (object) => {
    const labels = object.metadata.labels ?? {}
    return tests.every((test) => test(labels))
  }
}

type Test = (labels: Record<string, string>) => boolean

function requirement(key: string, operator: string, next: () => string, peek: () => string): Test {
  switch (operator) {
    case 'exists':
      return (labels) => key in labels
    case '=':
    case '==':
    case '!=': {
      const value = peek() === ',' || peek() === '' ? '' : next()
      checkValue(key, value)
      return operator === '!='
        ? (labels) => labels[key] !== value
        : (labels) => labels[key] === value
    }
    case 'in':
    case 'notin': {
      const values = valueList(next)
      for (const value of values) checkValue(key, value)
      return operator === 'in'
        ? (labels) => key in labels && values.includes(labels[key] ?? '')
        : (labels) => !(key in labels) || !values.includes(labels[key] ?? '')
    }
    case '>':
    case '<': {
      const bound = Number(next())
      if (!Number.isInteger(bound))
        throw unparsable("for 'Gt', 'Lt' operators, the value must be an integer")
      return (labels) => {
        const value = Number.parseInt(labels[key] ?? '', 10)
        return operator === '>' ? value > bound : value < bound
      }
    }
    default:
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
  }
}

function valueList(next: () => string): string[] {
  const open = next()
  if (open !== '(') throw unparsable(`found '${open}' expected: '('`)
  const values: string[] = []
  let expectsValue = true
  for (;;) {
    const token = next()
    if (token === ')') {
      if (expectsValue) values.push('')
      return [...new Set(values)]
    }
    if (token === '') throw unparsable("found '', expected: ',' or ')'")
    if (token === ',') {
      if (expectsValue) values.push('')
      expectsValue = true
    } else {
      values.push(token)
      expectsValue = false
    }
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  let at = 0
  while (at < text.length) {
    const one = text[at] ?? ''
    if (/\s/.test(one)) {
      at += 1
    } else if (wordCharacters.test(one)) {
      let end = at
      while (end < text.length && wordCharacters.test(text[end] ?? '')) end += 1
      tokens.push(text.slice(at, end))
      at = end
    } else {
      const symbol = ['==', '!='].find((two) => text.startsWith(two, at)) ?? one
      tokens.push(symbol)
      at += symbol.length
    }
  }
  return tokens
}

function checkKey(key: string): void {
  if (
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(key)
  )
    return
  if (key === '' || !wordCharacters.test(key))
    throw unparsable(`found '${key}', expected: !, identifier, or 'end of string'`)
  throw unparsable(
    `key: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  )
}

function checkValue(key: string, value: string): void {
  if (/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value)) return
  throw unparsable(
    `values[0][${key}]: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  )
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`)
}

const alwaysSelectable: Record<string, (object: KubeObject) => string> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
}

/** Parses `metadata.name=a,status.phase!=Running` against the fields that a resource lets select. */
export function parseFieldSelector(
  text: string,
  selectable: Record<string, (object: KubeObject) => string> = {},
): Matches {
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part): Matches => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part)
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
      const [, field = '', operator, value = ''] = match
      const read = Object.hasOwn(alwaysSelectable, field)
        ? alwaysSelectable[field]
        : Object.hasOwn(selectable, field)
          ? selectable[field]
          : undefined
      if (!read) throw badRequest(notSelectable(field, selectable))
      return operator === '!='
        ? (object) => read(object) !== value
        : (object) => read(object) === value
    })
  return (object) => tests.every((test) => test(object))
}

function notSelectable(field: string, selectable: Record<string, unknown>): string {
  const known = [...Object.keys(alwaysSelectable), ...Object.keys(selectable)]
  const list = known.map((one) => JSON.stringify(one)).join(', ')
  return `"${field}" is not a known field selector: only ${list}`
}

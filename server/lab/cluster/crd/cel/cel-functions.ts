import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Environment } from '@marcbachmann/cel-js'
import { goPattern } from '#server/lab/cluster/crd/schema/patterns.ts'
import {
  compareQuantities,
  isQuantity,
  parseQuantity,
  Quantity,
} from '#server/lab/cluster/crd/schema/quantity.ts'

/**
 * A CEL environment with what Kubernetes adds to the language: string, list, regular expression, URL, IP address and
 * quantity functions (kubernetes.io/docs/reference/using-api/cel).
 */
export function kubernetesEnvironment(): Environment {
  return base.clone()
}

const base = new Environment({
  enableOptionalTypes: true,
  // string.format() takes a list of mixed types.
  homogeneousAggregateLiterals: false,
})
addStrings(base)
addLists(base)
addPatterns(base)
addUrls(base)
addQuantities(base)
addAddresses(base)

function addStrings(env: Environment): void {
  env
    .registerFunction(
      'string.replace(string, string): string',
      (text: string, from: string, to: string) => text.replaceAll(from, () => to),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, times: bigint) =>
        times < 0n ? text.replaceAll(from, () => to) : replaceSome(text, from, to, Number(times)),
    )
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => {
      if (index < 0n || index > BigInt(text.length)) throw new Error(`index out of range: ${index}`)
      return text.charAt(Number(index))
    })
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list<dyn>): string', formatText)
}

function replaceSome(text: string, from: string, to: string, times: number): string {
  const parts = text.split(from)
  const changed = parts.slice(0, times + 1).join(to)
  return [changed, ...parts.slice(times + 1)].join(from)
}

/** The verbs of CEL's string.format: %s, %d, %f, %e, %b, %o, %x, %X and %%. */
function formatText(pattern: string, values: unknown[]): string {
  let next = 0
  return pattern.replaceAll(/%(?:\.(\d+))?([sdfebxXo%])/g, (_all, precision, verb) => {
    if (verb === '%') return '%'
    if (next >= values.length) throw new Error(`index ${next} out of range`)
    return formatValue(
      values[next++],
      String(verb),
      precision === undefined ? 6 : Number(precision),
    )
  })
}

function formatValue(value: unknown, verb: string, precision: number): string {
  switch (verb) {
    case 'f':
      return Number(value).toFixed(precision)
    case 'e':
      return Number(value).toExponential(precision)
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : BigInt(String(value)).toString(2)
    case 'o':
      return BigInt(String(value)).toString(8)
    case 'x':
      return hex(value)
    case 'X':
      return hex(value).toUpperCase()
    default:
      return textOf(value)
  }
}

function hex(value: unknown): string {
  return typeof value === 'string'
    ? Buffer.from(value).toString('hex')
    : BigInt(String(value)).toString(16)
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
  if (value instanceof Map) {
    return `{${[...value].map(([key, one]) => `${textOf(key)}: ${textOf(one)}`).join(', ')}}`
  }
  return String(value)
}

/** The lists hold ints, doubles or strings; their operators are the same, so one type stands for all three. */
function addLists(env: Environment): void {
  env
    .registerFunction('list<A>.isSorted(): bool', (list: bigint[]) =>
      list.every((one, index) => one >= (list[index - 1] ?? one)),
    )
    .registerFunction('list<A>.sum(): A', (list: bigint[]) =>
      list.length === 0 ? 0n : list.reduce((sum, one) => sum + one),
    )
    .registerFunction('list<A>.min(): A', (list: bigint[]) => extreme(list, (a, b) => a < b))
    .registerFunction('list<A>.max(): A', (list: bigint[]) => extreme(list, (a, b) => a > b))
    .registerFunction('list<A>.indexOf(A): int', (list: unknown[], one: unknown) =>
      BigInt(list.indexOf(one)),
    )
    .registerFunction('list<A>.lastIndexOf(A): int', (list: unknown[], one: unknown) =>
      BigInt(list.lastIndexOf(one)),
    )
    .registerFunction('list<A>.distinct(): list<A>', (list: unknown[]) => [...new Set(list)])
    .registerFunction('list<A>.reverse(): list<A>', (list: unknown[]) => [...list].reverse())
    .registerFunction(
      'list<A>.slice(int, int): list<A>',
      (list: unknown[], from: bigint, to: bigint) => {
        if (from < 0n || to < from || to > BigInt(list.length))
          throw new Error('index out of range')
        return list.slice(Number(from), Number(to))
      },
    )
}

function extreme<T>(list: T[], better: (a: T, b: T) => boolean): T {
  const [first, ...rest] = list
  if (first === undefined) throw new Error('min/max called on empty list')
  return rest.reduce((best, one) => (better(one, best) ? one : best), first)
}

function addPatterns(env: Environment): void {
  env
    .registerFunction('string.find(string): string', (text: string, pattern: string) => {
      return goPattern(pattern).exec(text)?.[0] ?? ''
    })
    .registerFunction('string.findAll(string): list<string>', findAll)
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, most: bigint) =>
        most < 0n ? findAll(text, pattern) : findAll(text, pattern).slice(0, Number(most)),
    )
}

function findAll(text: string, pattern: string): string[] {
  const { source, flags } = goPattern(pattern)
  return [...text.matchAll(new RegExp(source, `${flags}g`))].map(([match]) => match)
}

function addUrls(env: Environment): void {
  env
    .registerType('net.URL', { ctor: URL, fields: {} })
    .registerFunction('url(string): net.URL', (text: string) => new URL(text))
    .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text))
    .registerFunction('net.URL.getScheme(): string', (url: URL) => url.protocol.slice(0, -1))
    .registerFunction('net.URL.getHost(): string', (url: URL) => url.host)
    .registerFunction('net.URL.getHostname(): string', (url: URL) =>
      url.hostname.replaceAll(/^\[|\]$/g, ''),
    )
    .registerFunction('net.URL.getPort(): string', (url: URL) => url.port)
    .registerFunction('net.URL.getEscapedPath(): string', (url: URL) => url.pathname)
}

function addQuantities(env: Environment): void {
  env
    .registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('quantity(string): kubernetes.Quantity', parseQuantity)
    .registerFunction('isQuantity(string): bool', isQuantity)
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => compareQuantities(a, b) > 0,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => compareQuantities(a, b) < 0,
    )
    .registerFunction(
      'kubernetes.Quantity.compareTo(kubernetes.Quantity): int',
      (a: Quantity, b: Quantity) => BigInt(compareQuantities(a, b)),
    )
    .registerFunction('kubernetes.Quantity.sign(): int', (one: Quantity) =>
      BigInt(Math.sign(one.asNumber())),
    )
    .registerFunction('kubernetes.Quantity.asApproximateFloat(): double', (one: Quantity) =>
      one.asNumber(),
    )
    .registerOperator(
      'kubernetes.Quantity == kubernetes.Quantity',
      (a: Quantity, b: Quantity) => compareQuantities(a, b) === 0,
    )
}

function addAddresses(env: Environment): void {
  env
    .registerFunction('isIP(string): bool', (text: string) => isIP(text) !== 0)
    .registerFunction('isCIDR(string): bool', (text: string) => {
      const [address = '', bits = ''] = text.split('/')
      const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
      return /^\d{1,3}$/.test(bits) && Number(bits) <= most
    })
}
